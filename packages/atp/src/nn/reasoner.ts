/** The whole model: a backbone, and the parts that a method adds to it. */
import { derive, type Key } from "../random/key.ts"
import { initialLatentHead, initialStopHead, type LatentHead, type StopHead } from "./heads.ts"
import { initialLlama, initialStack, type Llama, type LlamaSizes, type Stack } from "./llama.ts"
import { type Leaf, linearValues, type Values } from "./parameters.ts"

/** A decoder of single steps: its own layers and output table; symbols are embedded with the backbone's table. */
export interface StepDecoder<L> extends Stack<L> {
  readonly head: Leaf<L, ["width", "vocabulary"]>
}

/** A backbone with the parts of a method; absent ones a method does not have. */
export interface Reasoner<L> {
  readonly backbone: Llama<L>
  readonly latentHead?: LatentHead<L>
  readonly stopHead?: StopHead<L>
  readonly decoder?: StepDecoder<L>
}

/** Sizes of a reasoner. The step decoder has those of the backbone but for its layers. */
export interface ReasonerSizes {
  readonly backbone: LlamaSizes
  readonly decoderLayers: number
}

/** Which parts beside the backbone a method has. */
export interface Parts {
  readonly latentHead: boolean
  readonly stopHead: boolean
  readonly decoder: boolean
}

/** Sizes of the step decoder. */
export const decoderSizes = ({ backbone, decoderLayers }: ReasonerSizes): LlamaSizes => ({
  ...backbone,
  layers: decoderLayers
})

/** First parameters of the parts. A part has the same ones whichever other parts there are. */
export const initialReasoner = (key: Key, sizes: ReasonerSizes, parts: Parts): Reasoner<Values> => {
  const { vocabulary, width } = sizes.backbone
  const decoderKey = derive(key, "decoder")
  return {
    backbone: initialLlama(derive(key, "backbone"), sizes.backbone),
    ...(parts.latentHead ? { latentHead: initialLatentHead(derive(key, "latentHead"), width) } : {}),
    ...(parts.stopHead ? { stopHead: initialStopHead(derive(key, "stopHead"), width) } : {}),
    ...(parts.decoder
      ? {
          decoder: {
            ...initialStack(decoderKey, decoderSizes(sizes)),
            head: linearValues(derive(decoderKey, "head"), width, vocabulary)
          }
        }
      : {})
  }
}

/** Another model's values for the parts both have; the rest as it is. Used to begin from a warm start. */
export const adopt = (own: Reasoner<Values>, from: Reasoner<Values>): Reasoner<Values> => ({
  ...own,
  ...Object.fromEntries(Object.entries(from).filter(([part]) => part in own))
})

/** A model as training holds it: the parts that learn, and those that stay as they are. */
export interface Held<L> {
  readonly trainable: Partial<Reasoner<L>>
  readonly frozen: Partial<Reasoner<L>>
}

/** The whole model of what is held; every part is on one side. */
export const modelOf = <L>({ frozen, trainable }: Held<L>): Reasoner<L> => ({ ...trainable, ...frozen }) as Reasoner<L>

/** Divides a model; the named parts are to stay as they are. */
export const hold = <L>(model: Reasoner<L>, frozen: ReadonlyArray<keyof Reasoner<L>> = []): Held<L> => {
  const parts = Object.entries(model) as ReadonlyArray<[keyof Reasoner<L>, unknown]>
  const pick = (side: boolean) => Object.fromEntries(parts.filter(([part]) => frozen.includes(part) === side))
  return { trainable: pick(false), frozen: pick(true) } as Held<L>
}
