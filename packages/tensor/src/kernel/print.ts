/** Schedules as text, for `NOEMA_DEBUG=kernels|plan` and for people who learn how the compiler works. */
import type { Kernel, Plan, Schedule } from "./ir.ts"
import { kernelLines } from "./kinds.ts"

export const printSchedule = ({ buffers, steps, inputs, outputs }: Schedule): string =>
  [
    `inputs  ${inputs.map((id) => (id < 0 ? "-" : `b${id} ${buffers[id]!.label}`)).join(", ")}`,
    `outputs ${outputs.map((id) => `b${id} ${buffers[id]!.label}`).join(", ")}`,
    ...steps.map(
      (step, i) => `${i}: ${step.name}(${step.args.map((id) => `b${id}`).join(", ")})\n${printKernel(step.kernel)}`
    )
  ].join("\n")

export const printPlan = ({ buffers }: Schedule, { offsets, arenaBytes, peakBytes, donated }: Plan): string =>
  [
    `peak ${bytes(peakBytes)}, arena ${bytes(arenaBytes)}`,
    ...buffers.flatMap(({ id, label, length, role }) =>
      role === "temp" ? [`  b${id} ${label} at ${offsets[id]} (${bytes(length * 4)})`] : []
    ),
    ...donated.flatMap((from, to) => (from < 0 ? [] : [`  output ${to} overwrites input ${from}`]))
  ].join("\n")

export const printKernel = (kernel: Kernel): string =>
  kernelLines(kernel)
    .map((line) => `    ${line}`)
    .join("\n")

const bytes = (n: number): string =>
  n < 1024 ? `${n} B` : n < 2 ** 20 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / 2 ** 20).toFixed(1)} MiB`
