import type { Method } from "../method/method.ts"
import { atpLatent } from "./atpLatent.ts"
import { atpLatentGrounded } from "./atpLatentGrounded.ts"
import { atpLatentReleased } from "./atpLatentReleased.ts"
import { cdpo } from "./cdpo.ts"
import { codi } from "./codi.ts"
import { coconut } from "./coconut.ts"
import { colar } from "./colar.ts"
import { coconutGrounded } from "./coconutGrounded.ts"
import { colt } from "./colt.ts"
import { cot } from "./cot.ts"
import { dropoutGrpo } from "./dropoutGrpo.ts"
import { grpo } from "./grpo.ts"
import { icot } from "./icot.ts"
import { latentGrpo } from "./latentGrpo.ts"
import { latentSft } from "./latentSft.ts"
import { lepo } from "./lepo.ts"
import { marcosPlain } from "./marcosPlain.ts"
import { marcos } from "./marcos.ts"
import { multiplex } from "./multiplex.ts"
import { noCot } from "./noCot.ts"
import { simCot } from "./simCot.ts"
import { simCotExtra } from "./simCotExtra.ts"
import { simCotGrounded } from "./simCotGrounded.ts"
import { softThinking } from "./softThinking.ts"
import { softTokens } from "./softTokens.ts"
import { tokenAssorted } from "./tokenAssorted.ts"

const byName = <const Name extends string>(methods: Readonly<Record<Name, Method>>) => methods

/**
 * The methods by the name they have on the command line. A new method is a file beside these and a line here.
 *
 * @example
 * Methods.methods["atp-latent"].name // => "ATP-Latent"
 * Methods.methods["dropout-grpo"].source?.paper // => "arXiv 2606.10184"
 */
export const methods = byName({
  cot,
  cdpo,
  "no-cot": noCot,
  icot,
  coconut,
  "coconut-grounded": coconutGrounded,
  codi,
  colar,
  colt,
  "sim-cot": simCot,
  "sim-cot-extra": simCotExtra,
  "sim-cot-grounded": simCotGrounded,
  "atp-latent": atpLatent,
  "atp-latent-released": atpLatentReleased,
  "atp-latent-grounded": atpLatentGrounded,
  grpo,
  multiplex,
  "soft-thinking": softThinking,
  "soft-tokens": softTokens,
  lepo,
  marcos,
  "latent-sft": latentSft,
  "latent-grpo": latentGrpo,
  "token-assorted": tokenAssorted,
  "marcos-plain": marcosPlain,
  "dropout-grpo": dropoutGrpo
})

/** A method by name. */
export type MethodName = keyof typeof methods
/**
 * The names of all methods.
 *
 * @example
 * Methods.methodNames.includes("atp-latent") // => true
 */
export const methodNames = Object.keys(methods) as ReadonlyArray<MethodName>

/** The name of a method in folders and on the command line: `atp-latent`, or of one of your own what its name comes to. */
export const slugOf = ({ name }: Pick<Method, "name">): string =>
  methodNames.find((known) => methods[known].name === name) ??
  (name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "") ||
    "method")
