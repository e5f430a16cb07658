import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import {
  HuggingFace,
  Key,
  type Method,
  Methods,
  ModelFolder,
  Part,
  Safetensors,
  Tokenizer,
  TokenizerJson,
  WeightsTree
} from "../inside.ts"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import fc from "fast-check"
import { mkdtempSync, readdirSync, readFileSync, writeFileSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { lively, small } from "../small.ts"

const run = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem>) =>
  Effect.runPromise(Effect.provide(effect, NodeFileSystem.layer))
const fresh = () => mkdtempSync(join(tmpdir(), "noema-model-"))
const experiment = small()
const method = Methods.methods["atp-latent"]
const parameters = lively(experiment, method)
const { sizes, subject } = experiment
const saved: ModelFolder.SavedModel = {
  method,
  parameters,
  sizes,
  tokenizer: subject.tokenizer,
  use: { perStep: 2, maxSteps: 2, context: 20, stepSymbols: 5, textSymbols: 3 }
}

const anySizes = fc
  .record({
    heads: fc.constantFrom(2, 4),
    groups: fc.constantFrom(1, 2),
    layers: fc.integer({ min: 1, max: 3 }),
    tied: fc.boolean(),
    hidden: fc.integer({ min: 1, max: 9 }),
    decoderLayers: fc.integer({ min: 1, max: 2 })
  })
  .map((rest): Part.ModelSizes => ({ ...rest, vocabulary: 11, width: 8 }))

test("what is written reads back the same, whatever the sizes and the method", async () => {
  await fc.assert(
    fc.asyncProperty(
      anySizes,
      fc.constantFrom(...Object.values<Method.Method>(Methods.methods)),
      async (sizes, method) => {
        const made = method.init(Key.fromSeed(1), sizes)
        // Another backbone is written under its own names.
        const isLlama = method.backbone === Part.llama
        const use = { ...saved.use!, method: "atp-latent", decoderLayers: sizes.decoderLayers }
        const config = HuggingFace.configOf(sizes, use, isLlama)
        const read = await Effect.runPromise(HuggingFace.readConfig(JSON.stringify(config)))
        expect(HuggingFace.sizesOf(read)).toEqual(sizes)
        const back = await Effect.runPromise(
          HuggingFace.fromHuggingFace(read, method, HuggingFace.toHuggingFace(made, isLlama))
        )
        expect(back).toEqual(made)
      }
    ),
    { numRuns: 15 }
  )
})

test("the tensors have LLaMA's names, and weights are stored [to, from]", () => {
  const { tensors } = HuggingFace.toHuggingFace(parameters)
  const { vocabulary, width } = sizes
  const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))
  expect(shapes).toMatchObject({
    "model.embed_tokens.weight": [vocabulary, width],
    "model.layers.0.input_layernorm.weight": [width],
    "model.layers.0.self_attn.q_proj.weight": [width, width],
    "model.layers.0.self_attn.k_proj.weight": [width / 2, width],
    "model.layers.0.self_attn.v_proj.weight": [width / 2, width],
    "model.layers.0.self_attn.o_proj.weight": [width, width],
    "model.layers.0.post_attention_layernorm.weight": [width],
    "model.layers.0.mlp.gate_proj.weight": [8, width],
    "model.layers.0.mlp.up_proj.weight": [8, width],
    "model.layers.0.mlp.down_proj.weight": [width, 8],
    "model.norm.weight": [width],
    "lm_head.weight": [vocabulary, width]
  })
  const own = WeightsTree.namedValues(parameters).get("backbone.blocks.0.key")!
  const stored = tensors.get("model.layers.0.self_attn.k_proj.weight")!
  expect(stored.data[1]).toBe(own.data[own.sizes[1]!])
  for (const name of tensors.keys()) expect(name).toMatch(/^(model\.|lm_head\.weight$|noema\.(latent|stop|steps)\.)/)
})

const { noema } = HuggingFace.configOf(sizes, {
  ...saved.use!,
  method: "atp-latent",
  decoderLayers: sizes.decoderLayers
})

describe("a folder", () => {
  test("holds three files, and gives back model, tokenizer and use", async () => {
    const folder = join(fresh(), "deep")
    await run(ModelFolder.saveModel(folder, saved))
    expect(readdirSync(folder).toSorted()).toEqual(["config.json", "model.safetensors", "tokenizer.json"])
    const back = await run(ModelFolder.loadModel(folder))
    expect(back.parameters).toEqual(parameters)
    expect(back.sizes).toEqual(sizes)
    expect(back.use).toEqual(saved.use)
    expect(back.tokenizer.vocabulary).toEqual(subject.tokenizer.vocabulary)
    const textOf = (name: string) => readFileSync(join(folder, name), "utf8")
    const files = { config: textOf("config.json"), tokenizer: textOf("tokenizer.json") }
    const weights = readFileSync(join(folder, "model.safetensors"))
    const read = (weights: Uint8Array) => run(ModelFolder.readModel("there", { ...files, weights }))
    expect((await read(weights)).parameters).toEqual(parameters)
    await expect(read(weights.subarray(0, 100))).rejects.toThrow(
      "there/model.safetensors: malformed safetensors, header"
    )
    const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as Record<string, unknown>
    expect(config).toMatchObject({
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      hidden_size: 8,
      num_key_value_heads: 1,
      rms_norm_eps: 1e-6,
      rope_theta: 10000,
      tie_word_embeddings: false
    })
  })

  test("of halves has half the bytes, and numbers within a two-thousandth", async () => {
    const [whole, half] = [fresh(), fresh()]
    await run(ModelFolder.saveModel(whole, saved))
    await run(ModelFolder.saveModel(half, saved, "F16"))
    const sizeOf = (folder: string) => statSync(join(folder, "model.safetensors")).size
    expect(sizeOf(half)).toBeLessThan(0.75 * sizeOf(whole))
    const back = WeightsTree.namedValues((await run(ModelFolder.loadModel(half))).parameters)
    for (const [name, { data }] of WeightsTree.namedValues(parameters))
      data.forEach((value, i) =>
        expect(Math.abs(back.get(name)!.data[i]! - value)).toBeLessThanOrEqual(Math.abs(value) / 2048 + 2 ** -25)
      )
  })

  test("of a plain LLaMA is a backbone and nothing else", async () => {
    const folder = fresh()
    const plain = {
      method: Methods.methods.cot,
      parameters: { backbone: parameters["backbone"]! },
      sizes,
      tokenizer: subject.tokenizer
    }
    await run(ModelFolder.saveModel(folder, plain))
    const back = await run(ModelFolder.loadModel(folder))
    expect(back.parameters).toEqual(plain.parameters)
    expect(back.use).toBeUndefined()
  })

  test.each([
    ["another architecture", { model_type: "gpt2" }, /model_type/],
    [
      "stretched positions",
      { rope_scaling: { rope_type: "linear", factor: 2 } },
      /it stretches positions by rope_scaling/
    ],
    [
      "stretched positions in the newer form",
      { rope_parameters: { rope_type: "llama3", rope_theta: 10_000 } },
      /Expected.* at \["rope_parameters"\]/
    ],
    ["heads of another width", { head_dim: 8 }, /expected a head_dim of 4 for 2 heads of 8, found 8/],
    ["another end of texts", { eos_token_id: 2 }, /Expected 1 at \["eos_token_id"\]/],
    ["another head", { architectures: ["LlamaForSequenceClassification"] }, /at \["architectures"\]/],
    [
      "something unknown",
      { residual_multiplier: 0.2 },
      /its config says residual_multiplier, of which nothing is known here/
    ],
    ["another number of positions", { max_position_embeddings: 100 }, /expected 28 max_position_embeddings, found 100/],
    ["a longer context than anyone has", { noema: { ...noema, context: 1e9 } }, /at \["noema"\]\["context"\]/],
    ["more latents than anyone takes", { noema: { ...noema, maxSteps: 1e6 } }, /at \["noema"\]\["maxSteps"\]/],
    ["another normalisation", { rms_norm_eps: 1e-5 }, /rms_norm_eps/],
    [
      "another width than the tensors'",
      { hidden_size: 16 },
      /model\.embed_tokens\.weight is \[\d+,8\], expected \[\d+,16\]/
    ],
    ["more layers than there are", { num_hidden_layers: 2 }, /model\.layers\.1\.mlp\.down_proj\.weight is missing/],
    ["more layers than there are tensors", { num_hidden_layers: 900 }, /\d+ tensors, expected at least 8100/],
    ["more layers than any model", { num_hidden_layers: 1e9 }, /between 1 and 1024 at \["num_hidden_layers"\]/],
    ["heads that do not divide the width", { num_attention_heads: 3 }, /3 heads and 1 key\/value heads do not divide/],
    ["another number of symbols", { vocab_size: 5 }, /\d+ symbols for a vocab_size of 5/]
  ])("whose config says %s is refused, and why", async (_, change, expected) => {
    const folder = fresh()
    await run(ModelFolder.saveModel(folder, saved))
    const file = join(folder, "config.json")
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, "utf8")) as object), ...change }))
    expect(await run(Effect.flip(Effect.mapError(ModelFolder.loadModel(folder), ({ message }) => message)))).toMatch(
      expected
    )
  })

  test("may say what does not change what is computed", async () => {
    const folder = fresh()
    await run(ModelFolder.saveModel(folder, saved))
    const file = join(folder, "config.json")
    const more = { rope_scaling: null, head_dim: 4, use_cache: true, rope_parameters: null, transformers_version: "5" }
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, "utf8")) as object), ...more }))
    expect((await run(ModelFolder.loadModel(folder))).parameters).toEqual(parameters)
  })

  test("of a run is no model", async () => {
    const folder = fresh()
    writeFileSync(join(folder, "run.json"), "{}")
    expect(await run(Effect.flip(Effect.mapError(ModelFolder.loadModel(folder), ({ message }) => message)))).toBe(
      `not a model for this program: ${folder} holds a run; export a stage of it`
    )
  })

  test("that holds something is left as it is, but for halves of files", async () => {
    const folder = fresh()
    writeFileSync(join(folder, "model.safetensors.123.partial"), "half")
    await run(ModelFolder.saveModel(folder, saved))
    const before = readdirSync(folder).map((name) => readFileSync(join(folder, name)))
    const message = await run(
      Effect.flip(Effect.mapError(ModelFolder.saveModel(folder, saved), (error) => error.message))
    )
    expect(message).toBe(`expected an empty folder or a new one for a model, found config.json in ${folder}`)
    expect(readdirSync(folder).map((name) => readFileSync(join(folder, name)))).toEqual(before)
    const blocked = join(folder, "config.json", "deep")
    expect(
      await run(Effect.flip(Effect.mapError(ModelFolder.saveModel(blocked, saved), ({ message }) => message)))
    ).toContain("was not written: ENOTDIR")
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("with weights of %d is refused", async (value) => {
    const config = HuggingFace.configOf(sizes)
    const whole = HuggingFace.toHuggingFace({ backbone: parameters["backbone"]! })
    const spoilt = { shape: [8], dtype: "f32" as const, data: new Float32Array(8).fill(value, 3) }
    const tensors = new Map([...whole.tensors, ["model.norm.weight", spoilt]])
    expect(
      await Effect.runPromise(
        Effect.flip(
          Effect.mapError(
            HuggingFace.fromHuggingFace(config, Methods.methods.cot, { ...whole, tensors }),
            ({ message }) => message
          )
        )
      )
    ).toContain(`expected finite weights, found ${value} in "model.norm.weight"`)
  })

  test("without a tensor, or with one too many, is refused by its name", async () => {
    const config = HuggingFace.configOf(sizes)
    const whole = HuggingFace.toHuggingFace({ backbone: parameters["backbone"]! })
    const refusal = (tensors: Safetensors.Weights["tensors"]) =>
      Effect.runPromise(
        Effect.flip(
          Effect.mapError(
            HuggingFace.fromHuggingFace(config, Methods.methods.cot, { ...whole, tensors }),
            ({ message }) => message
          )
        )
      )
    const without = new Map(whole.tensors)
    without.delete("model.norm.weight")
    expect(await refusal(new Map([...without, ["other", whole.tensors.get("model.norm.weight")!]]))).toContain(
      "norm is missing"
    )
    expect(await refusal(new Map([...whole.tensors, ["other", whole.tensors.get("model.norm.weight")!]]))).toContain(
      "other is not part of the model"
    )
  })
})

test("a tokenizer reads back the same, and cuts alike", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: fc.constantFrom(..."ab1 <>=+é'") }), { minLength: 1 }),
      async (texts) => {
        for (const made of [Tokenizer.corpusVocabulary(texts, 60), subject.tokenizer]) {
          const back = await Effect.runPromise(
            TokenizerJson.fromTokenizerJson("t", TokenizerJson.toTokenizerJson(made))
          )
          expect(back.vocabulary).toEqual(made.vocabulary)
        }
      }
    ),
    { numRuns: 20 }
  )
})

describe("a tokenizer.json", () => {
  const ours = TokenizerJson.toTokenizerJson(Tokenizer.corpusVocabulary(["ab c"], 60))
  const refusal = (text: string) =>
    Effect.runPromise(
      Effect.match(TokenizerJson.fromTokenizerJson("t.json", text), {
        onFailure: ({ message }) => message,
        onSuccess: () => "read"
      })
    )
  type File = { model: { vocab: Record<string, unknown> } & Record<string, unknown> } & Record<string, unknown>
  const changed = (change: (file: File) => unknown): string => {
    const file = JSON.parse(ours) as File
    change(file)
    return JSON.stringify(file)
  }

  test.each<readonly [name: string, change: (file: File) => unknown, expected: string]>([
    ["cuts in another way", (file) => (file["pre_tokenizer"] = { type: "Whitespace" }), "found another pre_tokenizer"],
    ["changes texts first", (file) => (file["normalizer"] = { type: "Lowercase" }), "found another normalizer"],
    ["adds signs", (file) => (file["post_processor"] = { type: "TemplateProcessing" }), "found another post_processor"],
    ["cuts texts off", (file) => (file["truncation"] = { max_length: 8 }), "found another truncation"],
    ["has other specials", (file) => (file["added_tokens"] = []), "found another added_tokens"],
    ["does not say how it decodes", (file) => delete file["decoder"], "found no decoder"],
    ["says more than is known", (file) => (file["byte_fallback"] = true), "found another byte_fallback"],
    ["is of another kind", (file) => (file.model["type"] = "BPE"), "found another model"],
    ["has a piece twice", (file) => (file.model.vocab["<pad>"] = 8), "numbers from 0, each once"],
    ["has a gap", (file) => (file.model.vocab["new"] = 99), "numbers from 0, each once"],
    ["has half a piece", (file) => (file.model.vocab["new"] = 0.5), "numbers from 0, each once"],
    [
      "has other first pieces",
      (file) => ((file.model.vocab["<pad>"] = 1), (file.model.vocab["<eos>"] = 0)),
      "begin with"
    ]
  ])("that %s is refused", async (_, change, expected) => {
    expect(await refusal(changed(change))).toMatch(/^t\.json is not a vocabulary: /)
    expect(await refusal(changed(change))).toContain(expected)
  })

  test("with a piece named twice, or more pieces than any model has, is refused", async () => {
    expect(await refusal(ours.replace('"vocab":{', '"vocab":{"<pad>":0,'))).toContain('found "<pad>" twice')
    const many = changed(({ model }) => {
      for (let id = Object.keys(model.vocab).length; id < 262_145; id++) model.vocab[`new ${id}`] = id
    })
    expect(await refusal(many)).toContain("expected at most 262144 pieces, found 262145")
  })
})
