/**
 * One process at a time trains in a folder: two would write the same metrics twice and each other's checkpoints.
 *
 * A lock is a file that says who holds it. It comes into being whole, as a second name (`link`) of a finished file, which
 * exactly one of those who try at the same time can make. A lock that was left behind is never removed by those who find it:
 * they contend for its succession, the name `lock.TOKEN.next` of the token it bears, which again one alone can make. Who has
 * made it, and then still finds the lock it succeeds, is the only one who may replace that, and does so by `rename`. A
 * successor that was killed on the way is succeeded in the same manner. Letting go is succeeding oneself.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { UnreadableFile } from "../input/file.ts"
import { reasonOf } from "../input/reason.ts"
import { WriteFailed } from "./atomic.ts"
import { chainOf, changedAt, type Link, linkAt, nextOf } from "./chain.ts"
import { makeFolder } from "./directory.ts"
import { encodeHolder, type Holder, holderHere, lifeOf } from "./holder.ts"

/** A holder that cannot be seen from here is given up after so many seconds without a sign of life. */
const silence = 120
/** Seconds between two signs of life. */
const beat = 10

/** Another process trains in a folder. */
export class FolderInUse extends Data.TaggedError("FolderInUse")<{
  readonly folder: string
  readonly pid: number
  /** The name of its machine or container. */
  readonly host: string
  /** Whether this process could see it end. */
  readonly seen: boolean
}> {
  override get message(): string {
    const rest = this.seen
      ? ""
      : `; it cannot be seen from here and is given up after ${silence} s without a sign of life (if it is certainly no more, remove ${this.folder}/lock)`
    return `${this.folder} is in use by process ${this.pid} of ${this.host}; wait for it or choose another folder with --out${rest}`
  }
}

/** A folder ceased to be this process's own while it was written to. */
export class FolderLost extends Data.TaggedError("FolderLost")<{ readonly folder: string; readonly reason: string }> {
  override get message(): string {
    return `${this.folder} ${this.reason}; nothing more is written to it`
  }
}

/** A folder that is kept. */
export interface Lock {
  /** Fails with `FolderLost` where the folder was removed, or taken over, since. */
  readonly check: Effect.Effect<void, FolderLost, FileSystem.FileSystem>
}

/** How processes are told apart and found to live; the system's own way, but for tests. */
export interface Processes {
  readonly here: Effect.Effect<Holder, never, FileSystem.FileSystem>
  readonly lifeOf: typeof lifeOf
}

/**
 * Keeps a folder, which it makes where it is not there, for this process until the scope closes. What a process that was
 * killed left behind, its lock and halves of files, is removed. Fails with `FolderInUse`.
 *
 *     const lock = yield* lockRun("runs/mine")
 *     yield* lock.check // before what must not be written by two
 */
export const lockRun = (
  folder: string
): Effect.Effect<Lock, FolderInUse | UnreadableFile | WriteFailed, FileSystem.FileSystem | Scope.Scope> =>
  lockAs(folder, { here: holderHere, lifeOf })

/** Some file systems have no second names for a file. */
const linkless = (error: PlatformError): string =>
  /EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS/.test(reasonOf(error))
    ? " (to keep a folder takes a file system with hard links)"
    : ""

/** `lockRun` among other processes than the system's. */
export const lockAs = Effect.fnUntraced(function* (
  folder: string,
  { here, lifeOf }: Processes
): Effect.fn.Return<Lock, FolderInUse | UnreadableFile | WriteFailed, FileSystem.FileSystem | Scope.Scope> {
  const files = yield* FileSystem.FileSystem
  const own = yield* here
  const [file, candidate] = [`${folder}/lock`, `${folder}/lock.${own.token}.partial`]
  const text = new TextEncoder().encode(encodeHolder(own))
  const failed = (what: string) => (error: PlatformError) => new WriteFailed({ file: what, reason: reasonOf(error) })

  /** Whether this process alone could give its finished file another name. */
  const claim = (name: string) =>
    files.link(candidate, name).pipe(
      Effect.as(true),
      Effect.catch((error) =>
        // A network may have made the name and lost the answer.
        Effect.flatMap(linkAt(name), (found) =>
          found !== null
            ? Effect.succeed(found.id === own.token)
            : error.reason._tag === "AlreadyExists"
              ? Effect.succeed(false)
              : Effect.fail(new WriteFailed({ file: name, reason: `${reasonOf(error)}${linkless(error)}` }))
        )
      )
    )
  const remove = (name: string) => Effect.ignore(files.remove(name, { force: true }))

  const isGone = Effect.fnUntraced(function* ({ file, holder }: Link, now: number) {
    if (holder === null) return true
    const life = yield* lifeOf(holder, own)
    if (life !== "unseen") return life === "gone"
    // Both times are by the clock of the file system, whatever the clocks of the machines say.
    const info = yield* Effect.option(files.stat(file))
    return Option.isSome(info) && now - changedAt(info.value) > 1000 * silence
  })

  yield* Effect.mapError(makeFolder(folder), failed(folder))
  const handle = yield* Effect.mapError(files.open(candidate, { flag: "wx" }), failed(candidate))
  /** Writes what stands there already, for the time of it; gives that time by the clock of the file system. */
  const sign = handle
    .seek(0n, "start")
    .pipe(
      Effect.andThen(handle.writeAll(text)),
      Effect.andThen(Effect.map(handle.stat, changedAt)),
      Effect.mapError(failed(candidate))
    )

  const replace = (next: string) =>
    Effect.catch(files.rename(candidate, file), (error) =>
      Effect.flatMap(linkAt(file), (found) =>
        found?.id === own.token ? Effect.void : Effect.andThen(remove(next), Effect.fail(failed(file)(error)))
      )
    )

  const take = Effect.gen(function* () {
    let last: Link | undefined
    // Each further turn means that another process has come or gone in between.
    for (let turn = 0; turn < 100; turn++) {
      if (yield* claim(file)) return
      const chain = yield* chainOf(folder)
      last = chain.at(-1) ?? last
      if (chain.length === 0) continue
      const holder = chain.at(-1)!
      if (!(yield* isGone(holder, yield* sign))) break
      const next = nextOf(folder, holder.id)
      if (!(yield* claim(next))) continue
      const again = yield* chainOf(folder)
      if (again.map(({ id }) => id).join() === [...chain.map(({ id }) => id), own.token].join()) {
        yield* replace(next)
        return
      }
      yield* remove(next)
    }
    const holder = last?.holder ?? null
    return yield* new FolderInUse({
      folder,
      pid: holder?.pid ?? 0,
      host: holder?.host ?? "another machine",
      seen: holder === null || (yield* lifeOf(holder, own)) === "alive"
    })
  })
  const release = Effect.ignore(
    Effect.gen(function* () {
      const next = nextOf(folder, own.token)
      yield* files.link(file, next)
      if ((yield* linkAt(next))?.id === own.token) yield* remove(file)
      yield* remove(next)
    })
  )
  yield* Effect.acquireRelease(Effect.ensuring(Effect.andThen(sign, take), remove(candidate)), () => release)
  const now = yield* sign
  yield* removeLeft(folder, own, (link) => isGone(link, now))
  yield* Effect.forkScoped(Effect.repeat(Effect.ignore(sign), Schedule.spaced(`${beat} seconds`)))

  const check = Effect.gen(function* () {
    const holder = yield* Effect.mapError(
      linkAt(file),
      ({ reason }) => new FolderLost({ folder, reason: `cannot be read any more: ${reason}` })
    )
    if (holder?.id === own.token) return
    const reason =
      holder === null
        ? "was removed, or its lock was,"
        : `was taken over by process ${holder.holder?.pid ?? 0} of ${holder.holder?.host ?? "another machine"}`
    return yield* new FolderLost({ folder, reason: `${reason} while this process worked in it` })
  })
  return { check }
})

/** Removes successions that are over, candidates of processes that are gone, and halves of files. */
const removeLeft = Effect.fnUntraced(function* (
  folder: string,
  own: Holder,
  isGone: (link: Link) => Effect.Effect<boolean, never, FileSystem.FileSystem>
) {
  const files = yield* FileSystem.FileSystem
  const names = yield* Effect.orElseSucceed(files.readDirectory(folder), (): Array<string> => [])
  const remove = (name: string) => Effect.ignore(files.remove(`${folder}/${name}`, { force: true }))
  for (const name of names) {
    if (/^lock\..*\.next$/.test(name) && name !== `lock.${own.token}.next`) yield* remove(name)
    else if (/^lock\..*\.partial$/.test(name)) {
      // One who is about to try needs it, and finds the folder in use.
      const link = yield* Effect.orElseSucceed(linkAt(`${folder}/${name}`), () => null)
      if (link?.holder != null && (yield* isGone(link))) yield* remove(name)
    } else if (/\.\d+\.partial$/.test(name)) yield* remove(name)
  }
})
