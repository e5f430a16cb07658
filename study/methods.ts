/** Methods that are compared: those of the registry, and some that leave out of one what it may owe its merit to. */
import { Layout, Method, Methods, Objective } from "@noema/atp"
import { withPosterior } from "./posterior.ts"
import { recombinedMethods } from "./recombinedMethods.ts"
import { variedMethods } from "./variedMethods.ts"

const { atpLatent } = Methods
const { interchange, kl, readOut, spelling, stopping, text } = Objective
const rest = [spelling(1, "steps"), stopping(1), kl(1e-3)] as const

/** Methods by name; the weight of the posterior's divergence is that which did best on validation questions. */
export const methods = {
  ...Methods.methods,
  "atp-latent-plain": Method.variant(atpLatent, {
    name: "ATP-Latent, plain",
    summary: "ATP-Latent without a spare latent group",
    layout: Layout.stages()
  }),
  "atp-latent-heavy": Method.variant(atpLatent, {
    name: "ATP-Latent, heavy answer",
    summary: "ATP-Latent whose answer weighs twelve times as much",
    layout: Layout.stages(),
    objective: [text(12), ...rest]
  }),
  "atp-latent-free": Method.variant(atpLatent, {
    name: "ATP-Latent, free",
    summary: "ATP-Latent whose latents may be distributed as they like",
    objective: [text(1), spelling(1, "steps"), stopping(1)]
  }),
  "atp-latent-bound": Method.variant(atpLatent, {
    name: "ATP-Latent, bound",
    summary: "ATP-Latent whose latents are held a hundred times as strongly to N(0, I)",
    objective: [text(1), spelling(1, "steps"), stopping(1), kl(1e-1)]
  }),
  "atp-latent-read-out": Method.variant(atpLatent, {
    name: "ATP-Latent, read-out alone",
    summary: "grounded ATP-Latent without interchange",
    layout: Layout.stages(),
    objective: [text(12), readOut(1), ...rest]
  }),
  "atp-latent-interchange": Method.variant(atpLatent, {
    name: "ATP-Latent, interchange alone",
    summary: "grounded ATP-Latent without read-out",
    layout: Layout.stages(),
    objective: [text(6), interchange(6), ...rest]
  }),
  "atp-latent-posterior": withPosterior(1),
  ...variedMethods,
  ...recombinedMethods
}

/** A method by name. */
export type MethodName = keyof typeof methods
