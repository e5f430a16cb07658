/** Trained models: asked, written as Hugging Face keeps LLaMA, and read again. */
export { answering, ask, search, type Watcher, watcher } from "./ask.ts"
export { finetune, type Finetuning, type FinetuneOptions } from "./finetune.ts"
export { OtherModel } from "./huggingFace.ts"
export {
  FolderTaken,
  loadModel as load,
  readModel as read,
  type SavedModel as Trained,
  saveModel as save
} from "./model.ts"
export type { GenerateOptions, Generator, Rollout } from "../rollout/generate.ts"
export type { Phrase } from "../rollout/phrasing.ts"
export type { Attention, Seen, SeenLatent, Watched } from "../rollout/watching.ts"
export { practice, type Practice, type PracticeOptions, type Weighed } from "./practice.ts"
