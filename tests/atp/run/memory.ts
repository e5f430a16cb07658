/**
 * A file system in memory in which every call waits until it is chosen, so that a test decides in what order the calls of
 * several processes happen. Each call is one indivisible step, as `link`, `rename` and `unlink` are on a disk.
 */
import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { systemError } from "effect/PlatformError"

interface Node {
  readonly ino: number
  bytes: Uint8Array
  time: number
}

/** The disk that processes share. */
export class Disk {
  readonly names = new Map<string, Node>()
  private made = 0
  private clock = 0

  node(text: string): Node {
    return { ino: ++this.made, bytes: new TextEncoder().encode(text), time: ++this.clock }
  }
  write(node: Node, bytes: Uint8Array) {
    node.bytes = bytes
    node.time = ++this.clock
  }
  text(name: string): string | undefined {
    const node = this.names.get(name)
    return node === undefined ? undefined : new TextDecoder().decode(node.bytes)
  }
}

const wrong = (tag: "AlreadyExists" | "NotFound", path: string) =>
  systemError({ _tag: tag, module: "FileSystem", method: "memory", pathOrDescriptor: path })

const infoOf = ({ bytes, ino, time }: Node): FileSystem.File.Info => ({
  type: "File",
  mtime: Option.some(new Date(time)),
  atime: Option.none(),
  birthtime: Option.none(),
  dev: 0n,
  ino: Option.some(BigInt(ino)),
  mode: 0o644,
  nlink: Option.none(),
  uid: Option.none(),
  gid: Option.none(),
  rdev: Option.none(),
  size: ByteSize.bytes(bytes.length),
  blksize: Option.none(),
  blocks: Option.none()
})

const none = () => Effect.die("not part of this file system")
const unused = { read: none, readAlloc: none, truncate: none, write: none }

/** The disk as one process sees it; `turn` waits until the process may make its next step. */
export const fileSystemOf = (disk: Disk, turn: Effect.Effect<void>): FileSystem.FileSystem => {
  const step = <A, E = never>(make: () => Effect.Effect<A, E>) => Effect.flatMap(turn, () => Effect.suspend(make))
  const existing = (path: string) => {
    const node = disk.names.get(path)
    return node === undefined ? Effect.fail(wrong("NotFound", path)) : Effect.succeed(node)
  }
  return FileSystem.makeNoop({
    makeDirectory: () => step(() => Effect.void),
    readFileString: (path) => step(() => Effect.map(existing(path), ({ bytes }) => new TextDecoder().decode(bytes))),
    readDirectory: (folder) =>
      step(() =>
        Effect.succeed(
          [...disk.names.keys()]
            .filter((name) => name.startsWith(`${folder}/`))
            .map((name) => name.slice(folder.length + 1))
        )
      ),
    stat: (path) => step(() => Effect.map(existing(path), infoOf)),
    link: (from, to) =>
      step(() =>
        disk.names.has(to)
          ? Effect.fail(wrong("AlreadyExists", to))
          : Effect.map(existing(from), (node) => void disk.names.set(to, node))
      ),
    rename: (from, to) =>
      step(() =>
        Effect.map(existing(from), (node) => {
          // Two names of one file: the system leaves both.
          if (disk.names.get(to) === node) return
          disk.names.set(to, node)
          disk.names.delete(from)
        })
      ),
    remove: (path) => step(() => Effect.sync(() => void disk.names.delete(path))),
    open: (path) =>
      step(() => {
        const node = disk.node("")
        disk.names.set(path, node)
        const file: FileSystem.File = {
          [FileSystem.FileTypeId]: FileSystem.FileTypeId,
          stat: Effect.sync(() => infoOf(node)),
          seek: () => Effect.succeed(0n),
          writeAll: (bytes) => step(() => Effect.sync(() => disk.write(node, bytes))),
          sync: Effect.void,
          ...unused
        }
        return Effect.succeed(file)
      })
  })
}
