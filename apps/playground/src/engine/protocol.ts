/** What the page asks its worker, and what comes back: plain data. */

/** Models that do sums, by the name of their folder. */
export const modelNames = ["grounded", "released"] as const
export type ModelName = (typeof modelNames)[number]

/** All models there are: beside those that do sums one that walks on graphs. */
export const folderNames = [...modelNames, "walk"] as const
export type FolderName = (typeof folderNames)[number]

/** What programs run on. */
export const deviceNames = ["wasm", "webgpu"] as const
export type DeviceName = (typeof deviceNames)[number]

/** What is known of a model before it is asked anything. */
export interface ModelFacts {
  readonly method: string
  readonly accuracy: number
  readonly problems: number
  readonly verdict: string
}

/** What a decoded step is: of a chain that solves the question, true of other numbers, false, or no step at all. */
export type Standing = "of a chain" | "true" | "false" | "no step"

export interface Phrase {
  readonly text: string
  readonly chance: number
  readonly standing: Standing
}

/** One latent, and what can be seen of it. */
export interface StepSeen {
  /** The likeliest first. */
  readonly phrases: ReadonlyArray<Phrase>
  /** The root mean square of its deviations. */
  readonly sigma: number
  /** The chance of stopping here in place of it; null where nobody decides. */
  readonly stop: number | null
  readonly values: Float32Array
}

export interface Choice {
  readonly text: string
  readonly chance: number
}

/** How far what was there was looked at, for each latent and the answer: [choice][layer][head][name]. */
export interface Attention {
  readonly names: ReadonlyArray<string>
  readonly choices: ReadonlyArray<ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>>>
}

/** A question thought through. */
export interface Walk {
  readonly question: string
  readonly expected: string
  readonly steps: ReadonlyArray<StepSeen>
  /** The chance of stopping at which it stopped; null where it took as many as there may be, or was told how many. */
  readonly stopped: number | null
  readonly answer: string | null
  /** What the answer was chosen from. */
  readonly answers: ReadonlyArray<Choice>
  /** Whether the decoded steps are a whole chain that solves the question. */
  readonly solves: boolean
  /** Null before the model is there. */
  readonly attention: Attention | null
}

/** A question, and what is changed about how it is thought. */
export interface Asking {
  readonly model: ModelName
  readonly question: string
  /** Latents by place; null where the model's own is taken. */
  readonly instead: ReadonlyArray<Float32Array | null>
  /** So many latents, whatever the stop head says; null where it decides. */
  readonly steps: number | null
}

/** What became of answers where latents were exchanged. */
export interface Exchanged {
  readonly own: number
  readonly donor: number
  readonly neither: number
  readonly of: number
}

/** Accuracy where so many latents were forced, of questions with as many operations. */
export interface Forced {
  readonly operations: number
  readonly questions: number
  /** By forced count, from none. */
  readonly accuracy: ReadonlyArray<number>
  /** Where the stop head decides. */
  readonly free: number
}

/** An attempt of a round of reinforcement. */
export interface Attempted {
  readonly steps: ReadonlyArray<{ readonly text: string; readonly standing: Standing }>
  readonly answer: string | null
}

/** What an attempt is worth, by the parts of the reward, and how much better that is than what it is compared with. */
export interface Scored {
  readonly parts: ReadonlyArray<number>
  readonly total: number
  readonly advantage: number
}

/** How much likelier an attempt's actions have become. */
export interface Shifted {
  /** The geometric mean of their ratios. */
  readonly ratio: number
  /** Those that a further update would clip, of all. */
  readonly clipped: number
  readonly of: number
}

/** One latent of a model that walks on a ring. */
export interface GraphStep {
  /** Of each node of the ring the chance that it is what the step reaches, over the likeliest texts. */
  readonly nodes: ReadonlyArray<Choice>
  /** The likeliest first. */
  readonly phrases: ReadonlyArray<Phrase>
}

/** A walk on a ring. */
export interface GraphWalk {
  readonly question: string
  /** The nodes in the order of the ring. */
  readonly ring: ReadonlyArray<string>
  /** The start, and the node after each hop. */
  readonly path: ReadonlyArray<string>
  readonly steps: ReadonlyArray<GraphStep>
  readonly answer: string | null
  /** What the answer was chosen from, of the nodes. */
  readonly answers: ReadonlyArray<Choice>
  /** Whether the decoded steps are a whole chain that solves the question. */
  readonly solves: boolean
  /** Whether the model was kept from this question while it was trained. */
  readonly isHeldOut: boolean
}

/** A mean and the bounds of its interval. */
export interface Interval {
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** One update of a model that is trained from nothing. */
export interface Learnt {
  readonly loss: number
  readonly phase: string
}

/** What became of it on held-out questions. */
export interface Grown {
  readonly accuracy: Interval
  readonly questions: number
  /** Accuracy of a guess. */
  readonly chance: number
  readonly examples: ReadonlyArray<{
    readonly question: string
    readonly steps: ReadonlyArray<string>
    readonly answer: string | null
    readonly expected: string
  }>
}

/** Two copies of a model: one goes on with chains, the other learns from attempts. */
export const armNames = ["supervised", "reinforcement"] as const
export type ArmName = (typeof armNames)[number]

/** How a copy does on held-out questions. */
export interface Judged {
  /** Its interval is Wilson's. */
  readonly accuracy: Interval
  /** Of what its answers are chosen from, in nats, on average. */
  readonly entropy: number
  /** More than at the start, of the same questions. */
  readonly gain: Interval
}

export const rewardNames = ["full", "random"] as const
export type RewardName = (typeof rewardNames)[number]

/** What can be asked for, and what it comes to. */
export interface Requests {
  readonly load: {
    readonly given: { readonly model: ModelName }
    readonly found: { readonly device: string; readonly threads: boolean }
  }
  readonly ask: { readonly given: Asking; readonly found: { readonly walk: Walk; readonly ms: number } }
  /** Answers a second to one question at a time, measured. */
  readonly pace: {
    readonly given: { readonly model: ModelName }
    readonly found: { readonly perSecond: number }
  }
  /** What the chain of a question comes to if the step at a place had another result; null where that cannot be said. */
  readonly counterfactual: {
    readonly given: { readonly question: string; readonly steps: ReadonlyArray<string>; readonly instead: string }
    readonly found: { readonly answer: string | null }
  }
  /** Where the latents at a place lie of questions that end there, in the middle, by what these come to. */
  readonly centres: {
    readonly given: { readonly model: ModelName; readonly place: number }
    readonly found: { readonly centres: ReadonlyArray<Float32Array>; readonly questions: number }
  }
  readonly exchange: {
    readonly given: { readonly model: ModelName; readonly pairs: number }
    readonly found: Exchanged
  }
  /** Attempts at a question by a copy of a model that practises. */
  readonly attempt: {
    readonly given: { readonly model: ModelName; readonly question: string; readonly round: number }
    readonly found: {
      readonly attempts: ReadonlyArray<Attempted>
      readonly expected: string
      readonly right: number
      /** The least deviation that latents are drawn with. */
      readonly noise: number
    }
  }
  /** What the last attempts are worth. */
  readonly score: {
    readonly given: { readonly model: ModelName; readonly reward: RewardName; readonly round: number }
    readonly found: {
      readonly names: ReadonlyArray<string>
      readonly scored: ReadonlyArray<Scored>
      readonly mean: number
    }
  }
  /** An update on the last attempts by what they were worth, and the chance of the right answer after it. */
  readonly update: {
    readonly given: { readonly model: ModelName }
    readonly found: { readonly shifted: ReadonlyArray<Shifted>; readonly right: number }
  }
  /** The copy as it was before it practised. */
  readonly forget: { readonly given: { readonly model: ModelName }; readonly found: null }
  /** A walk on one of the rings that the model has not seen; from another start, or by another number of hops, if these are given. */
  readonly graph: {
    readonly given: { readonly ring: number; readonly start: string | null; readonly hops: number | null }
    readonly found: GraphWalk
  }
  /** So many updates more of a model that is trained from nothing, and what became of it after the last. */
  readonly train: {
    readonly given: { readonly updates: number }
    readonly found: {
      readonly learnt: ReadonlyArray<Learnt>
      /** Updates in all. */
      readonly of: number
      readonly outcome: Grown | null
    }
  }
  /** Nothing again. */
  readonly discard: { readonly given: null; readonly found: null }
  /** Both copies as they are at the start. */
  readonly begin: {
    readonly given: { readonly model: ModelName }
    readonly found: {
      readonly standing: Judged
      readonly questions: number
      /** Multiplications by parameters that a turn takes. */
      readonly work: number
    }
  }
  /** One more turn of a copy, numbered from 0. */
  readonly turn: {
    readonly given: { readonly model: ModelName; readonly arm: ArmName; readonly turn: number }
    readonly found: {
      readonly standing: Judged
      /** Of all its turns: multiplications, and updates. */
      readonly work: number
      readonly updates: number
      /** What reinforcement has more right than chains, of the same questions. */
      readonly difference: Interval
    }
  }
  readonly force: {
    readonly given: { readonly model: ModelName; readonly questions: number }
    readonly found: ReadonlyArray<Forced>
  }
}
export type Kind = keyof Requests

/** To the worker. */
export type Request = {
  readonly [K in Kind]: { readonly id: number; readonly kind: K; readonly given: Requests[K]["given"] }
}[Kind]

/** From the worker: what was asked for, or why not in a sentence. */
export type Reply =
  | { readonly id: number; readonly kind: "found"; readonly found: Requests[Kind]["found"] }
  | {
      readonly id: number
      readonly kind: "refused"
      readonly reason: string
      /** Whether it is the device that cannot do it, and not what was asked for. */
      readonly isDevice: boolean
    }
