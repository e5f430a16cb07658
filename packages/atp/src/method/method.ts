/** A method is a record of parts and of functions of them: how it thinks and stops, what it is trained on, how it is reinforced. */
import { type Program, Tensor } from "@noema/tensor"
import type { Layout } from "../layout/layout.ts"
import { checkTerms } from "../objective/objective.ts"
import type { Preference } from "../objective/preference.ts"
import type { Term } from "../objective/term.ts"
import type { Backbone } from "../part/backbone.ts"
import type { AnyPart, Around } from "../part/part.ts"
import type { ModelSizes } from "../part/sizes.ts"
import type { Speaker } from "../part/stepDecoder.ts"
import type { Density, NoiseAxis, Sampling, StepPolicy } from "../policy/policy.ts"
import { derive, type Key } from "../random/key.ts"
import type { EstimatorName, PolicyFor } from "../reinforce/estimator.ts"
import { term, type Term as PolicyTerm, type TermOptions } from "../reinforce/term.ts"
import type { StopRule } from "../stop/stop.ts"
import type { Given, Model } from "../model/model.ts"
import type { Source } from "./source.ts"

/** A backbone that can be put under any method. */
export type BackbonePart = AnyPart<Backbone, Pick<Around, "sizes">>

/** The parts of a method in use, by name: those of its record, of which `U` says what each becomes, and the backbone. */
export type Parts<U> = {
  readonly [K in keyof U | "backbone"]: K extends keyof U ? NoInfer<U[K]> : Backbone
}

/** What rollouts of reinforcement draw latents from, at a scale of exploration. */
type Explore<U, N extends EstimatorName> = (parts: Parts<U>, scale: number) => PolicyFor<N>

/** How a method is reinforced whose own policy fits its estimator: its policy-gradient term, and what explores, if not that. */
export interface ReinforcementOfFitting<U, N extends EstimatorName> extends TermOptions<N> {
  /** Parts that stay as they are. */
  readonly frozen?: ReadonlyArray<NoInfer<keyof U>>
  readonly explore?: Explore<U, N>
  readonly exploration?: number
}

/** How a method is reinforced whose own policy does not fit: another explores in its place, and has to be said. */
export interface ReinforcementOfOther<U, N extends EstimatorName> extends ReinforcementOfFitting<U, N> {
  readonly explore: Explore<U, N>
  readonly exploration: number
}

/** How a method is reinforced by an estimator, that of the score function unless it says another. */
export type Reinforcement<
  U,
  D extends Density,
  S extends Sampling,
  E extends EstimatorName = EstimatorName
> = E extends "score function"
  ? D extends "scored"
    ? ReinforcementOfFitting<U, E>
    : ReinforcementOfOther<U, E>
  : S extends "reparameterised"
    ? ReinforcementOfFitting<U, E>
    : ReinforcementOfOther<U, E>

/** How a method is reinforced, with its policy left to its model. */
export interface Reinforced {
  readonly term: PolicyTerm
  /** Parts that stay as they are. */
  readonly frozen: ReadonlyArray<string>
  /** How far rollouts explore, in the units of the policy: a least deviation, a share of a scale. */
  readonly exploration: number
}

/** What a method is written as. */
export interface MethodRecord<U, D extends Density, S extends Sampling, E extends EstimatorName = EstimatorName> {
  readonly name: string
  /** One sentence for people. */
  readonly summary: string
  /** Where it is from, and its equations; a variant has that of the method it is of unless it says its own. */
  readonly source?: Source
  readonly backbone: BackbonePart
  readonly parts: { readonly [K in keyof U]: AnyPart<U[K]> }
  readonly policy: (parts: Parts<U>) => StepPolicy<D, S, NoiseAxis>
  readonly stop: (parts: Parts<U>) => StopRule
  /** What spells latents; left out where nothing does. */
  readonly speaker?: (parts: Parts<U>) => Speaker
  /** What is called after each group of latents with the states behind them; its text goes back into the context. */
  readonly tool?: (parts: Parts<U>) => Speaker
  /** What latents are in training, where they are not drawn from the policy. */
  readonly given?: (parts: Parts<U>) => Given
  readonly layout: Layout
  readonly objective: ReadonlyArray<Term<Parts<U>>>
  /** Parts that supervised training leaves as they are; none unless given. */
  readonly frozen?: ReadonlyArray<NoInfer<keyof U & string> | "backbone">
  /** Parts that begin as the backbone of the model before does, of which they are a copy; none unless given. */
  readonly copies?: ReadonlyArray<NoInfer<keyof U & string>>
  /** The method whose training comes first: this one begins with its backbone, and with the parts that are parts of both. */
  readonly after?: Method
  /**
   * How it is trained on pairs of attempts, right and wrong, that the model which it comes after made: in place of chains, as
   * DPO is. Left out where it is trained on chains.
   */
  readonly preference?: Preference
  readonly reinforcement?: Reinforcement<U, D, S, E>
}

/** A record as `method` takes it: what does not fit the parts is a sentence. */
export interface CheckedRecord<
  U,
  D extends Density,
  S extends Sampling,
  E extends EstimatorName,
  T extends ReadonlyArray<Term<never>>,
  V
> extends Omit<MethodRecord<U, D, S, E>, "objective" | "parts" | "speaker"> {
  readonly parts: { readonly [K in keyof U]: PartOf<U[K]> }
  readonly speaker?: Spells<U, V>
  readonly objective: { readonly [I in keyof T]: Reads<U, T[I]> }
}

/** A part, or the sentence that it is none: nothing can be inferred of what is not. */
type PartOf<U> = unknown extends U
  ? 0 extends 1 & U
    ? AnyPart<U>
    : "parts: expected a part, as Part.part makes one; is a call missing?"
  : AnyPart<U>

/** A speaker, or the sentence that it is none. While nothing is inferred yet it says what its parameter is. */
type Spells<U, S> = unknown extends S
  ? (parts: Parts<U>) => Speaker
  : [S] extends [Speaker]
    ? (parts: Parts<U>) => S
    : "speaker: expected what spells latents, with embed, pass and logits"

/** A term, or the sentence that it reads a part which is not there, or is something else. */
type Reads<U, T> =
  T extends Term<infer N>
    ? [N] extends [never]
      ? Term<Parts<U>>
      : Parts<U> extends N
        ? T
        : `objective: a term reads the part ${Unlike<Parts<U>, N>}`
    : Term<Parts<U>>

type Unlike<P, N> = [Exclude<keyof N, keyof P>] extends [never]
  ? `${keyof { [K in keyof N as K extends keyof P ? (P[K] extends N[K] ? never : K) : K]: N[K] } & string} as something else than it is`
  : `${Exclude<keyof N, keyof P> & string}, which the method does not have`

/** A method that was written here, with its record: others may differ from it in single fields. */
export interface MethodOf<U, out D extends Density = Density, S extends Sampling = Sampling> extends Method<D> {
  readonly record: MethodRecord<U, D, S>
}

/** What a variant of a method says anew: any field of its record, and parts beside those that it has. */
export interface Changes<
  U,
  D extends Density,
  S extends Sampling,
  E extends EstimatorName,
  V,
  T extends ReadonlyArray<Term<never>>
> extends Partial<Omit<MethodRecord<U & V, D, S, E>, "name" | "objective" | "parts" | "summary">> {
  readonly name: string
  readonly summary: string
  readonly parts?: {
    readonly [K in keyof V]: K extends keyof U
      ? `parts: the method has the part ${K & string} already; expected one beside those that it has`
      : PartOf<V[K]>
  }
  readonly objective?: { readonly [I in keyof T]: Reads<U & V, T[I]> }
}

/** A method put to work: its model, and what it is trained on. */
export interface Put<out D extends Density = Density> extends Model<D> {
  readonly objective: ReadonlyArray<Term<void>>
}

/** A method, whatever its parts. `D` says whether its policy is scored. */
export interface Method<out D extends Density = Density> {
  readonly name: string
  readonly summary: string
  /** Where it is from; null where its record does not say. */
  readonly source: Source | null
  readonly layout: Layout
  /** What stands under its parts; methods of one backbone begin with the same warm start. */
  readonly backbone: BackbonePart
  /** The parts beside the backbone, by name. */
  readonly partNames: ReadonlyArray<string>
  readonly parts: Readonly<Record<string, AnyPart>>
  /** Parts that supervised training leaves as they are. */
  readonly frozen: ReadonlyArray<string>
  /** Parts that begin as a copy of the backbone. */
  readonly copies: ReadonlyArray<string>
  /** The method whose training comes first; null where that is on written chains alone. */
  readonly after: Method | null
  /** Whether its latents have texts. */
  readonly speaks: boolean
  /** Whether something is called after its latents whose text goes back into the context. */
  readonly calls: boolean
  /** How it is trained on pairs of attempts; null where it is trained on chains. */
  readonly preference: Preference | null
  readonly terms: ReadonlyArray<Pick<Term, "least" | "name" | "needs" | "weight">>
  readonly reinforcement: Reinforced | null
  /** Specifications of all parameters: the backbone's under `backbone`, each part's under its name. */
  readonly specs: (sizes: ModelSizes) => Program.AnySpecs
  /** What the names in the specifications stand for. */
  readonly names: (sizes: ModelSizes) => Program.NamedSizes
  /** First parameters. A part has the same ones whichever other parts there are. */
  readonly init: (key: Key, sizes: ModelSizes) => Program.AnyValues
  /** The method put to work with parameters of that form; rollouts explore as far as it says, or as far as given. */
  readonly put: (parameters: Program.AnyTensors, sizes: ModelSizes, exploration?: number) => Put<D>
}

/** A record whatever its parts. */
type AnyRecord = MethodRecord<Readonly<Record<string, unknown>>, Density, Sampling>

const isTree = (value: Program.AnyTensors[string] | undefined): value is Program.AnyTensors =>
  value !== undefined && !Array.isArray(value) && !Tensor.isTensor(value)

/** The parameters of one part, of all of a method's. */
export const partParameters = (parameters: Program.AnyTensors, part: string): Program.AnyTensors => {
  const found = parameters[part]
  if (!isTree(found))
    throw new TypeError(
      `expected the parameters of the part ${part}, found those of ${Object.keys(parameters).join(", ")}`
    )
  return found
}

/**
 * A method from its record. A function that reads a part which the record lacks does not compile, and neither does a
 * policy under an estimator that cannot use it. Throws `BadObjective` where terms are called alike or weigh no number.
 *
 * @example
 * const mine = Method.method({
 *   name: "Coconut", summary: "feeds its hidden states back in place of steps",
 *   backbone: Part.llama, parts: {}, policy: () => Policy.hiddenState, stop: () => Stop.fixedCount,
 *   layout: Layout.stages(), objective: [Objective.text(1)]
 * })
 * mine.terms // => [{ name: "text", weight: 1 }]
 * Weights.countOf(mine.init(Key.fromSeed(1), sizes)) // => 78
 */
export function method<
  U,
  D extends Density,
  S extends Sampling,
  const T extends ReadonlyArray<Term<never>>,
  V,
  E extends EstimatorName = "score function"
>(record: CheckedRecord<U, D, S, E, T, V>): MethodOf<U, D, S>
export function method(record: AnyRecord): Method & { readonly record: AnyRecord } {
  return made(record)
}

/**
 * A method that is as another but for what is said here. Its policy may be another of the same kind; parts may be more. Throws
 * `BadObjective` where terms are called alike or weigh no number.
 *
 * @example
 * const layout = Layout.stages({ extra: 1 })
 * const patient = Method.variant(Methods.atpLatent, { name: "ATP-Latent, patient", summary: "...", layout })
 * patient.layout.name // => "stages, 1 more"
 * patient.partNames // => ["latent", "stop", "steps"]
 */
export function variant<
  U,
  D extends Density,
  S extends Sampling,
  V = unknown,
  const T extends ReadonlyArray<Term<never>> = ReadonlyArray<Term<never>>,
  E extends EstimatorName = "score function"
>(of: MethodOf<U, D, S>, fields: Changes<U, D, S, E, V, T>): MethodOf<U & V, D, S>
export function variant(
  { record }: { readonly record: AnyRecord },
  fields: Partial<Omit<AnyRecord, "parts">> & { readonly parts?: object }
): Method & { readonly record: AnyRecord } {
  return made({ ...record, ...fields, parts: { ...record.parts, ...fields.parts } })
}

const made = (record: AnyRecord): Method & { readonly record: AnyRecord } => {
  const { layout, name, objective, reinforcement, summary } = record
  const parts: Readonly<Record<string, AnyPart>> = record.parts
  const names = Object.keys(parts)
  checkTerms(objective)
  const usedWith = (parameters: Program.AnyTensors, sizes: ModelSizes) => {
    const backbone = record.backbone.use(partParameters(parameters, "backbone"), { sizes })
    const use = (part: string) => parts[part]!.use(partParameters(parameters, part), { sizes, backbone })
    return { ...Object.fromEntries(names.map((part) => [part, use(part)])), backbone }
  }
  const { exploration = 0, explore, frozen = [] } = reinforcement ?? {}
  return {
    record,
    name,
    summary,
    source: record.source ?? null,
    layout,
    backbone: record.backbone,
    partNames: names,
    parts,
    frozen: (record.frozen ?? []).map(String),
    copies: record.copies ?? [],
    after: record.after ?? null,
    preference: record.preference ?? null,
    speaks: record.speaker !== undefined,
    calls: record.tool !== undefined,
    terms: objective.map(({ least, name, needs, weight }) => ({
      name,
      weight,
      ...(needs === undefined ? {} : { needs }),
      ...(least === undefined ? {} : { least })
    })),
    reinforcement:
      reinforcement === undefined ? null : { term: term(reinforcement), exploration, frozen: frozen.map(String) },
    specs: (sizes) => ({
      backbone: record.backbone.specs(sizes),
      ...Object.fromEntries(names.map((part) => [part, parts[part]!.specs(sizes)]))
    }),
    names: (sizes) =>
      Object.assign({}, record.backbone.names(sizes), ...names.map((part) => parts[part]!.names(sizes))),
    init: (key, sizes) => ({
      backbone: record.backbone.init(derive(key, "backbone"), sizes),
      ...Object.fromEntries(names.map((part) => [part, parts[part]!.init(derive(key, part), sizes)]))
    }),
    put: (parameters, sizes, scale = exploration) => {
      const used = usedWith(parameters, sizes)
      const policy = record.policy(used)
      return {
        sizes,
        backbone: used.backbone,
        policy,
        explore: reinforcement === undefined ? null : (explore?.(used, scale) ?? policy),
        stop: record.stop(used),
        speaker: record.speaker?.(used) ?? null,
        tool: record.tool?.(used) ?? null,
        given: record.given?.(used) ?? null,
        objective: objective.map(({ loss, name, weight }) => ({
          name,
          weight,
          loss: (happened) => loss(happened, used)
        }))
      }
    }
  }
}
