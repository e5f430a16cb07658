/**
 * Models as Hugging Face keeps them: `config.json` in LLaMA's form and tensors under LLaMA's names, so that other tools
 * read the backbone. What a latent reasoner has beside it stands under `noema`.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Program } from "@noema/tensor"
import type { Method } from "../method/method.ts"
import type { ModelSizes } from "../part/sizes.ts"
import { fromSeed } from "../random/key.ts"
import { parseJson } from "../input/json.ts"
import { plain, quoted } from "../input/shown.ts"
import { mostSymbols, special } from "../text/tokenizer.ts"
import { parametersOf } from "../train/plan.ts"
import { firstNonFinite, type Floats, type HostTensor, type Weights } from "../weights/safetensors.ts"
import { firstDifference, fromWeights, toWeights } from "../weights/tree.ts"

/**
 * A config or weights that are not of a model we can run; one sentence says why.
 *
 * @example
 * const { use, ...llama } = untrained
 * yield* Model.ask(llama, "1 + 2")
 * // fails not a model for this program: expected a model that says how it reasons, found a language model
 */
export class OtherModel extends Data.TaggedError("OtherModel")<{ readonly reason: string }> {
  override get message(): string {
    return `not a model for this program: ${this.reason}`
  }
}

const size = (most: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: most })))

/** The part of LLaMA's config that matters here. */
export class LlamaConfig extends Schema.Class<LlamaConfig>("noema/LlamaConfig")({
  architectures: Schema.optionalKey(Schema.Tuple([Schema.Literal("LlamaForCausalLM")])),
  /** A backbone that is no LLaMA is kept under its own names, and other tools cannot read it. */
  model_type: Schema.Literals(["llama", "noema"]),
  vocab_size: size(mostSymbols),
  hidden_size: size(2 ** 16),
  intermediate_size: size(2 ** 18),
  num_hidden_layers: size(1024),
  num_attention_heads: size(1024),
  num_key_value_heads: size(1024),
  max_position_embeddings: Schema.optionalKey(size(2 ** 24)),
  hidden_act: Schema.Literal("silu"),
  rms_norm_eps: Schema.Literal(1e-6),
  rope_theta: Schema.Literal(10_000),
  tie_word_embeddings: Schema.Boolean,
  /** Width of a head, where a file says it: that of its share of the width, which is all there is here. */
  head_dim: Schema.optionalKey(size(2 ** 16)),
  /** The newer place of `rope_theta`, and of what stretches positions. */
  rope_parameters: Schema.optionalKey(
    Schema.Struct({ rope_type: Schema.Literal("default"), rope_theta: Schema.Literal(10_000) })
  ),
  attention_bias: Schema.optionalKey(Schema.Literal(false)),
  mlp_bias: Schema.optionalKey(Schema.Literal(false)),
  torch_dtype: Schema.optionalKey(Schema.String),
  pad_token_id: Schema.optionalKey(Schema.Literal(special("<pad>"))),
  bos_token_id: Schema.optionalKey(Schema.NullOr(Schema.Int)),
  eos_token_id: Schema.optionalKey(Schema.Literal(special("<eos>"))),
  /** What there is beside the backbone, and how the model is to be used; absent from a plain LLaMA. */
  noema: Schema.optionalKey(
    Schema.Struct({
      method: Schema.String,
      decoderLayers: size(1024),
      perStep: size(64),
      /** Symbols of a chain that one latent stands for; left out where latents stand for steps. */
      pace: Schema.optionalKey(size(2 ** 16)),
      maxSteps: size(2 ** 16),
      context: size(2 ** 16),
      stepSymbols: size(2 ** 16),
      /** Symbols that are put back into the context after a step at most; absent where nothing is called. */
      putBack: Schema.optionalKey(size(2 ** 16)),
      textSymbols: size(2 ** 16)
    })
  )
}) {}

type Use = NonNullable<LlamaConfig["noema"]>

/** Positions of a question, its latents, and what is written behind them. */
const positionsOf = ({ context, maxSteps, perStep, putBack = 0, textSymbols }: Use): number =>
  context + maxSteps * (perStep + putBack) + textSymbols + 1

/** The config of a model. `use` says what it is beside a plain LLaMA. */
export const configOf = (sizes: ModelSizes, use?: Use, isLlama = true, floats: Floats = "F32"): LlamaConfig =>
  new LlamaConfig({
    ...(isLlama ? { architectures: ["LlamaForCausalLM"] } : {}),
    model_type: isLlama ? "llama" : "noema",
    vocab_size: sizes.vocabulary,
    hidden_size: sizes.width,
    intermediate_size: sizes.hidden,
    num_hidden_layers: sizes.layers,
    num_attention_heads: sizes.heads,
    num_key_value_heads: sizes.groups,
    ...(use === undefined ? {} : { max_position_embeddings: positionsOf(use), noema: use }),
    hidden_act: "silu",
    rms_norm_eps: 1e-6,
    rope_theta: 10_000,
    tie_word_embeddings: sizes.tied,
    attention_bias: false,
    mlp_bias: false,
    torch_dtype: floats === "F32" ? "float32" : "float16",
    pad_token_id: special("<pad>"),
    bos_token_id: null,
    eos_token_id: special("<eos>")
  })

/** The sizes of the model a config describes. */
export const sizesOf = (config: LlamaConfig): ModelSizes => ({
  vocabulary: config.vocab_size,
  width: config.hidden_size,
  layers: config.num_hidden_layers,
  heads: config.num_attention_heads,
  groups: config.num_key_value_heads,
  hidden: config.intermediate_size,
  tied: config.tie_word_embeddings,
  decoderLayers: config.noema?.decoderLayers ?? 1
})

/** What files say beside this without changing what a model computes, or only how it is trained or stored. */
const inert = new Set([
  "_name_or_path",
  "attention_dropout",
  "dtype",
  "initializer_range",
  "pretraining_tp",
  "transformers_version",
  "use_cache"
])

/** What changes what is computed, in a way that is not computed here; null is a file's way of saying nothing. */
const otherwise: { readonly [name: string]: string } = {
  rope_scaling: "it stretches positions by rope_scaling",
  quantization_config: "its weights are quantised"
}

const decode = Schema.decodeUnknownEffect(LlamaConfig, { onExcessProperty: "error" })

/** Reads a `config.json`. Fails with `OtherModel`, naming what it expected. */
export const readConfig = (text: string): Effect.Effect<LlamaConfig, OtherModel> =>
  Effect.gen(function* () {
    const other = (reason: string) => new OtherModel({ reason: plain(reason, 300) })
    const value = yield* Effect.mapError(Effect.fromResult(parseJson(text)), ({ reason }) => other(reason))
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return yield* other("expected an object in its config")
    const said = Object.entries(value).filter(([name, is]) => !inert.has(name) && is !== null)
    for (const [name] of said) {
      if (Object.hasOwn(otherwise, name)) return yield* other(`${otherwise[name]}, which is not computed here`)
      if (!Object.hasOwn(LlamaConfig.fields, name))
        return yield* other(`its config says ${name}, of which nothing is known here`)
    }
    const config = yield* Effect.mapError(decode(Object.fromEntries(said)), ({ message }) => other(message))
    const { head_dim: headWidth, hidden_size: width, noema, num_attention_heads: heads } = config
    if (headWidth !== undefined && headWidth * heads !== width)
      return yield* other(`expected a head_dim of ${width / heads} for ${heads} heads of ${width}, found ${headWidth}`)
    const positions = config.max_position_embeddings
    if (noema !== undefined && positions !== positionsOf(noema))
      return yield* other(`expected ${positionsOf(noema)} max_position_embeddings, found ${positions ?? "none"}`)
    return config
  })

const blockNames: Readonly<Record<string, string>> = {
  attentionNorm: "input_layernorm",
  query: "self_attn.q_proj",
  key: "self_attn.k_proj",
  value: "self_attn.v_proj",
  output: "self_attn.o_proj",
  feedNorm: "post_attention_layernorm",
  gate: "mlp.gate_proj",
  up: "mlp.up_proj",
  down: "mlp.down_proj"
}

const backbone = "backbone."

/** LLaMA's name of a backbone's parameter by path, and whether it is stored the other way round ([to, from]). */
const stored = (path: string): { readonly name: string; readonly turned: boolean } => {
  if (path === "embedding") return { name: "model.embed_tokens.weight", turned: false }
  if (path === "head.0") return { name: "lm_head.weight", turned: true }
  if (path === "norm") return { name: "model.norm.weight", turned: false }
  const [, layer, part] = path.split(".") as [string, string, string]
  return { name: `model.layers.${layer}.${blockNames[part]!}.weight`, turned: !part.endsWith("Norm") }
}

const turned = ({ data, dtype, shape }: HostTensor): HostTensor => {
  const [rows, columns] = shape as [number, number]
  const out = new Float32Array(data.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j]!
  return { dtype, shape: [columns, rows], data: out }
}

/** A model's tensors: the backbone under LLaMA's names, the rest under `noema.` as it is here. */
export const toHuggingFace = (parameters: Program.AnyValues, isLlama = true): Weights => ({
  tensors: new Map(
    [...toWeights(parameters).tensors].map(([path, tensor]): [string, HostTensor] => {
      if (!isLlama || !path.startsWith(backbone)) return [`noema.${path}`, tensor]
      const { name, turned: isTurned } = stored(path.slice(backbone.length))
      return [name, isTurned ? turned(tensor) : tensor]
    })
  ),
  metadata: new Map([["format", "pt"]])
})

/**
 * A size of the config that the tensors do not bear out, or null. Sizes are believed only after this, since a config may ask
 * for more memory than there is.
 */
const firstImpossible = (config: LlamaConfig, tensors: Weights["tensors"]): string | null => {
  const last = config.num_hidden_layers - 1
  const { hidden_size: width, intermediate_size: hidden } = config
  const wanted: ReadonlyArray<readonly [name: string, shape: ReadonlyArray<number>]> = [
    ["model.embed_tokens.weight", [config.vocab_size, width]],
    [`model.layers.${last}.mlp.down_proj.weight`, [width, hidden]]
  ]
  const least = config.num_hidden_layers * Object.keys(blockNames).length
  if (tensors.size < least) return `${tensors.size} tensors, expected at least ${least}`
  for (const [name, shape] of wanted) {
    const found = tensors.get(name)
    if (found === undefined) return `${name} is missing`
    if (found.shape.join() !== shape.join()) return `${name} is [${found.shape}], expected [${shape}]`
  }
  return null
}

/** That a method has as many numbers at these sizes as there are, or null: for backbones of which nothing else is known. */
const otherCount = (method: Method, sizes: ModelSizes, tensors: Weights["tensors"]): string | null => {
  const found = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0)
  const wanted = parametersOf(method, sizes)
  return found === wanted ? null : `expected ${wanted} numbers for ${method.name}, found ${found}`
}

/**
 * The parameters that a method takes out of tensors, at the sizes of a config. Fails with `OtherModel`, naming the first tensor that is missing, of another shape,
 * one too many, or not of finite numbers.
 */
export const fromHuggingFace = (
  config: LlamaConfig,
  method: Method,
  { metadata, tensors }: Weights
): Effect.Effect<Program.AnyValues, OtherModel> =>
  Effect.suspend(() => {
    const sizes = sizesOf(config)
    const { groups, heads, width } = sizes
    if (width % heads !== 0 || heads % groups !== 0 || (width / heads) % 2 !== 0)
      return Effect.fail(
        new OtherModel({ reason: `${heads} heads and ${groups} key/value heads do not divide a width of ${width}` })
      )
    const isLlama = config.model_type === "llama"
    const small = isLlama ? firstImpossible(config, tensors) : otherCount(method, sizes, tensors)
    if (small !== null) return Effect.fail(new OtherModel({ reason: small }))
    const infinite = firstNonFinite({ metadata, tensors })
    if (infinite !== null)
      return Effect.fail(
        new OtherModel({ reason: `expected finite weights, found ${infinite.value} in ${quoted(infinite.name)}` })
      )
    const wanted = method.init(fromSeed(0), sizes)
    const paths = [...toWeights(wanted).tensors.keys()].filter((path) => isLlama && path.startsWith(backbone))
    const names = new Map(paths.map((path) => [stored(path.slice(backbone.length)).name, path]))
    const renamed = new Map(
      [...tensors].map(([name, tensor]): [string, HostTensor] => {
        const path = names.get(name)
        if (path === undefined) return [name.replace(/^noema\./, ""), tensor]
        const isTurned = stored(path.slice(backbone.length)).turned && tensor.shape.length === 2
        return [path, isTurned ? turned(tensor) : tensor]
      })
    )
    const own = { metadata, tensors: renamed }
    const difference = firstDifference(wanted, own)
    return difference === null
      ? Effect.succeed(fromWeights(wanted, own))
      : Effect.fail(new OtherModel({ reason: difference }))
  })
