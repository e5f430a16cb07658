/** Folders of models: a file of one is changed, and what is loaded is what its files say. */
import { HuggingFace, Methods, ModelFolder, Key, Safetensors, TokenizerFile, TokenizerJson } from "../inside.ts"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import * as Effect from "effect/Effect"
import { Reference } from "@noema/tensor"
import { answering } from "../../../packages/atp/src/saved/ask.ts"
import { small } from "../small.ts"
import { Fault, hold, jsonOf, outcomeOf, type Target } from "./judge.ts"
import { mutated, mutatedJson } from "./mutate.ts"
import { holdSame, mutatedWeights } from "./weights.ts"

const experiment = small()
const method = Methods.methods["atp-latent"]
const saved: ModelFolder.SavedModel = {
  method,
  parameters: method.init(Key.fromSeed(1), experiment.sizes),
  sizes: experiment.sizes,
  tokenizer: experiment.subject.tokenizer,
  use: { perStep: 2, maxSteps: 2, context: 20, stepSymbols: 5, textSymbols: 3 }
}

/** What a config says that is loaded: every name is that of the file, and null is as good as not there. */
export const holdConfig = (text: string, config: HuggingFace.LlamaConfig): void => {
  const inert = [
    "_name_or_path",
    "attention_dropout",
    "dtype",
    "initializer_range",
    "pretraining_tp",
    "transformers_version",
    "use_cache"
  ]
  const raw = Object.entries(jsonOf(text) as object).filter(([name, value]) => value !== null && !inert.includes(name))
  const read = Object.entries(JSON.parse(JSON.stringify(config)) as object).filter(([, value]) => value !== null)
  hold(isDeepStrictEqual(new Map(raw), new Map(read)), `a config was read as another: ${JSON.stringify(read)}`)
}

/** A model that is read can be asked, or says why it cannot; one of a size that takes no time. */
const ask = async (model: ModelFolder.SavedModel): Promise<void> => {
  const { context, maxSteps, perStep, stepSymbols, textSymbols } = model.use!
  if (Math.max(context, maxSteps * perStep, stepSymbols, textSymbols) > 50) return
  await outcomeOf(
    Effect.gen(function* () {
      const generator = yield* answering(model)
      return yield* generator.run([{ question: "", steps: [], answer: "" }], Key.fromSeed(0))
    }).pipe(Effect.scoped, Effect.provide(Reference.layer))
  )
}

/** One target a file. `folder` is where models are written. */
export const modelTargets = async (folder: string): Promise<ReadonlyArray<Target>> => {
  const whole = join(folder, "model")
  const vocabulary = join(folder, "vocabulary.json")
  const made = await outcomeOf(
    Effect.andThen(ModelFolder.saveModel(whole, saved), TokenizerFile.saveTokenizer(vocabulary, saved.tokenizer))
  )
  if ("refused" in made) throw new Fault(made.refused)
  const names = ["config.json", "tokenizer.json", "model.safetensors"] as const
  const originals = new Map(names.map((name) => [name, Uint8Array.from(readFileSync(join(whole, name)))]))
  const texts = [...originals.values()]

  // Other programs write no digest, so that little of what is changed is found by it.
  const foreign = Safetensors.encode(HuggingFace.toHuggingFace(saved.parameters))

  const ofModel = (name: (typeof names)[number]): Target => {
    const at = mkdtempSync(join(folder, "case-"))
    for (const [other, bytes] of originals) writeFileSync(join(at, other), bytes)
    const original = originals.get(name)!
    return {
      name: `model ${name}`,
      check: async (dice) => {
        const bytes =
          name === "model.safetensors"
            ? mutatedWeights(dice, dice.uniform() < 0.3 ? original : foreign, texts)
            : dice.uniform() < 0.5
              ? mutated(dice, original, texts)
              : new TextEncoder().encode(mutatedJson(dice, Buffer.from(original).toString("utf8")))
        try {
          writeFileSync(join(at, name), bytes)
          const read = await outcomeOf(ModelFolder.loadModel(at))
          if ("refused" in read) return "refused"
          const { parameters, sizes, tokenizer, use } = read.value
          if (name === "model.safetensors") {
            hold(isDeepStrictEqual(sizes, saved.sizes), "sizes differ")
            const again = HuggingFace.toHuggingFace(parameters)
            const { tensors } = again
            const metadata = new Map(Object.entries(metadataOf(bytes)))
            holdSame(bytes, { tensors, metadata })
          } else if (name === "tokenizer.json") {
            const raw = jsonOf(bytes)
            const back = JSON.parse(TokenizerJson.toTokenizerJson(tokenizer)) as unknown
            hold(isDeepStrictEqual(raw, back), "a tokenizer was read as another")
          } else {
            const text = Buffer.from(bytes)
              .toString("utf8")
              .replace(/^\uFEFF/, "")
            const config = await outcomeOf(HuggingFace.readConfig(text))
            if ("refused" in config) throw new Fault("a config is read with its model and not alone")
            holdConfig(text, config.value)
            hold(isDeepStrictEqual(parameters, saved.parameters) && use !== undefined, "another model")
            if (dice.uniform() < 0.1) await ask(read.value)
          }
          return "read"
        } catch (error) {
          throw error instanceof Fault ? new Fault(error.message, bytes) : new Fault(stackOf(error), bytes)
        }
      }
    }
  }

  const original = Uint8Array.from(readFileSync(vocabulary))
  const at = join(folder, "changed-vocabulary.json")
  const ofVocabulary: Target = {
    name: "vocabulary.json",
    check: async (dice) => {
      const text = Buffer.from(original).toString("utf8")
      const bytes =
        dice.uniform() < 0.5 ? mutated(dice, original, texts) : new TextEncoder().encode(mutatedJson(dice, text))
      writeFileSync(at, bytes)
      const read = await outcomeOf(TokenizerFile.loadTokenizer(at)).catch((error: unknown) => {
        throw new Fault(stackOf(error), bytes)
      })
      if ("refused" in read) return "refused"
      const raw = jsonOf(bytes)
      const { kind, symbols } = read.value.vocabulary
      if (!isDeepStrictEqual(raw, { kind, symbols })) throw new Fault("a vocabulary was read as another", bytes)
      return "read"
    }
  }
  return [...names.map(ofModel), ofVocabulary]
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))

const metadataOf = (bytes: Uint8Array): Record<string, string> => {
  const length = Number(Buffer.from(bytes).readBigUInt64LE())
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString("utf8")) as {
    readonly __metadata__?: Record<string, string>
  }
  return header.__metadata__ ?? {}
}
