/**
 * A finished model as a folder: `model.safetensors`, `config.json` and `tokenizer.json`, as Hugging Face keeps LLaMA. What
 * is in it is all that asking the model takes.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { Program } from "@noema/tensor"
import { cot } from "../methods/cot.ts"
import type { Method } from "../method/method.ts"
import type { StepLanguage } from "../data/problem.ts"
import { methodNames, methods, slugOf } from "../methods/registry.ts"
import { llama } from "../part/llama.ts"
import type { ModelSizes } from "../part/sizes.ts"
import { readText } from "../input/file.ts"
import { reasonOf } from "../input/reason.ts"
import { quoted } from "../input/shown.ts"
import { isHalf, writeAtomically, WriteFailed } from "../run/atomic.ts"
import { makeFolder } from "../run/directory.ts"
import { fromTokenizerJson, mostBytes, toTokenizerJson } from "../text/huggingFace.ts"
import type { MalformedVocabulary } from "../text/save.ts"
import type { Tokenizer } from "../text/tokenizer.ts"
import { loadWeights, readWeights, saveWeights, UnreadableWeights } from "../weights/file.ts"
import {
  configOf,
  fromHuggingFace,
  LlamaConfig,
  OtherModel,
  readConfig,
  sizesOf,
  toHuggingFace
} from "./huggingFace.ts"
import type { Floats, MalformedWeights, Weights } from "../weights/safetensors.ts"

/**
 * A trained model: a method with parameters, and what it takes to ask it.
 *
 * @example
 * const fresh: Model.Trained = { ...untrained, parameters: Methods.simCot.init(Key.fromSeed(2), untrained.sizes) }
 * (yield* Model.ask(fresh, "1 + 2")).latents.count // => 2
 */
export interface SavedModel {
  readonly method: Method
  readonly parameters: Program.AnyValues
  readonly sizes: ModelSizes
  readonly tokenizer: Tokenizer
  /** How its steps are written; as equations unless given. */
  readonly language?: StepLanguage
  /** How it is used: its latents and the longest texts; absent from a plain LLaMA. */
  readonly use?: Pick<
    NonNullable<LlamaConfig["noema"]>,
    "perStep" | "pace" | "putBack" | "maxSteps" | "context" | "stepSymbols" | "textSymbols"
  >
}

/**
 * A folder for a model holds something already, which would be overwritten.
 *
 * @example
 * new Model.FolderTaken({ folder: "models/mine", found: "config.json" }).message
 * // => "expected an empty folder or a new one for a model, found config.json in models/mine"
 */
export class FolderTaken extends Data.TaggedError("FolderTaken")<{
  readonly folder: string
  /** A file in it. */
  readonly found: string
}> {
  override get message(): string {
    return `expected an empty folder or a new one for a model, found ${this.found} in ${this.folder}`
  }
}

/** Makes a folder that has nothing in it but halves of files that were being written when a process was killed. */
const claim = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const made = Effect.andThen(makeFolder(folder), files.readDirectory(folder))
  const there = yield* Effect.mapError(made, (error) => new WriteFailed({ file: folder, reason: reasonOf(error) }))
  const found = there.toSorted().find((name) => !isHalf(name))
  if (found !== undefined) return yield* new FolderTaken({ folder, found })
})

/**
 * Writes the three files of a model, each whole, into a folder that is new or empty; as `"F16"` its numbers are rounded to
 * half the bytes. Fails with `FolderTaken` where it is not, and with `WriteFailed`.
 *
 * @example
 * yield* Model.save(folder, untrained)
 * const read = yield* Model.load(folder)
 * read.method.name // => "SIM-CoT"
 * Weights.firstDifference(untrained.parameters, Weights.toWeights(read.parameters)) // => null
 */
export const saveModel = Effect.fnUntraced(function* (
  folder: string,
  { method, parameters, sizes, tokenizer, use }: SavedModel,
  floats: Floats = "F32"
): Effect.fn.Return<void, FolderTaken | WriteFailed, FileSystem.FileSystem> {
  yield* claim(folder)
  const isLlama = method.backbone === llama
  const said = use === undefined ? undefined : { ...use, method: slugOf(method), decoderLayers: sizes.decoderLayers }
  const config = configOf(sizes, said, isLlama, floats)
  const text = (content: string) => new TextEncoder().encode(content)
  yield* saveWeights(`${folder}/model.safetensors`, toHuggingFace(parameters, isLlama), undefined, floats)
  yield* writeAtomically(`${folder}/tokenizer.json`, text(toTokenizerJson(tokenizer)))
  yield* writeAtomically(`${folder}/config.json`, text(JSON.stringify(config, null, 2)))
})

/** A method, and those whose training comes before it. */
const withBefore = (method: Method): ReadonlyArray<Method> => [
  method,
  ...(method.after === null ? [] : withBefore(method.after))
]

/** A method by the name it has in folders, of those that are known and those that are given. Fails with `OtherModel`. */
export const methodNamed = (name: string, own: ReadonlyArray<Method> = []): Effect.Effect<Method, OtherModel> => {
  const known = [...own, ...methodNames.map((each): Method => methods[each])]
    .flatMap(withBefore)
    .find((each) => slugOf(each) === name)
  return known === undefined
    ? Effect.fail(
        new OtherModel({
          reason: `expected a method of ${[...own.map(slugOf), ...methodNames].join(", ")}, found ${quoted(name)}; name the module of a method of your own with --module`
        })
      )
    : Effect.succeed(known)
}

/** What the files of a model hold. */
interface ModelFiles<E> {
  /** `config.json` and `tokenizer.json`. */
  readonly config: string
  readonly tokenizer: string
  /** `model.safetensors`, of a model with this config. */
  readonly weights: Effect.Effect<Weights, E>
}

const fromFiles = Effect.fnUntraced(function* <E>(
  folder: string,
  files: ModelFiles<E>,
  own: ReadonlyArray<Method>
): Effect.fn.Return<SavedModel, E | MalformedVocabulary | OtherModel> {
  const config = yield* readConfig(files.config)
  const tokenizer = yield* fromTokenizerJson(`${folder}/tokenizer.json`, files.tokenizer)
  if (tokenizer.size !== config.vocab_size)
    return yield* new OtherModel({ reason: `${tokenizer.size} symbols for a vocab_size of ${config.vocab_size}` })
  const sizes = sizesOf(config)
  const weights = yield* files.weights
  // A plain LLaMA has the parameters of a method without parts of its own.
  const method = config.noema === undefined ? cot : yield* methodNamed(config.noema.method, own)
  const parameters = yield* fromHuggingFace(config, method, weights)
  if (config.noema === undefined) return { method, parameters, sizes, tokenizer }
  const { decoderLayers: _layers, method: _method, ...use } = config.noema
  return { method, parameters, sizes, tokenizer, use }
})

/**
 * A model from what the three files of a folder hold, wherever they are from: a page fetches them. Fails with
 * `MalformedWeights`, `MalformedVocabulary`, or `OtherModel`.
 *
 * @example
 * yield* Model.save(folder, untrained)
 * const textOf = (name: string) => readFileSync(`${folder}/${name}`, "utf8")
 * const weights = readFileSync(`${folder}/model.safetensors`)
 * const files = { config: textOf("config.json"), tokenizer: textOf("tokenizer.json"), weights }
 * const { sizes } = yield* Model.read("mine", files)
 * sizes.width // => 8
 * yield* Model.read("mine", { ...files, weights: weights.subarray(0, 4) })
 * // fails mine/model.safetensors: malformed safetensors, header: expected 8 bytes of header length, found 4 bytes
 */
export const readModel = (
  folder: string,
  files: Pick<ModelFiles<never>, "config" | "tokenizer"> & { readonly weights: Uint8Array },
  /** Methods of one's own, beside those that are known. */
  own: ReadonlyArray<Method> = []
): Effect.Effect<SavedModel, MalformedWeights | MalformedVocabulary | OtherModel> =>
  fromFiles(folder, { ...files, weights: readWeights(`${folder}/model.safetensors`, files.weights) }, own)

/**
 * Reads a folder that `Model.save` wrote, or a LLaMA's with a tokenizer of whole pieces. Fails with `UnreadableWeights` for a
 * file that is not there, `MalformedWeights`, `MalformedVocabulary`, or `OtherModel`.
 *
 * @example
 * yield* Model.save(folder, untrained)
 * const { sizes, tokenizer } = yield* Model.load(folder)
 * sizes.width // => 8
 * tokenizer.decode(tokenizer.encode("1 + 2")) // => "1 + 2"
 */
export const loadModel = Effect.fnUntraced(function* (
  folder: string,
  /** Methods of one's own, beside those that are known. */
  own: ReadonlyArray<Method> = []
): Effect.fn.Return<
  SavedModel,
  UnreadableWeights | MalformedWeights | MalformedVocabulary | OtherModel,
  FileSystem.FileSystem
> {
  const files = yield* FileSystem.FileSystem
  if (yield* Effect.orElseSucceed(files.exists(`${folder}/run.json`), () => false))
    return yield* new OtherModel({ reason: `${folder} holds a run; export a stage of it` })
  const textOf = (name: string, most: number) =>
    Effect.mapError(readText(`${folder}/${name}`, most), (error) => new UnreadableWeights(error))
  const config = yield* textOf("config.json", 2 ** 20)
  const tokenizer = yield* textOf("tokenizer.json", mostBytes)
  const weights = Effect.provideService(loadWeights(`${folder}/model.safetensors`), FileSystem.FileSystem, files)
  return yield* fromFiles(folder, { config, tokenizer, weights }, own)
})
