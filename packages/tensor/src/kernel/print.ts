/** Schedules as text, for `NOEMA_DEBUG=kernels|plan` and for people who learn how the compiler works. */
import { shortest } from "../graph/number.ts"
import type { Affine, Expr, Kernel, Plan, Schedule } from "./ir.ts"

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

export const printKernel = (kernel: Kernel): string => {
  switch (kernel.kind) {
    case "loop":
      return indent([
        `for [${kernel.axes.join(",")}]${kernel.row.length > 0 ? ` row [${kernel.row.join(",")}]` : ""}`,
        ...kernel.exprs.map(printExpr),
        ...kernel.stores.map(
          ({ at, buffer, row, value }) => `p${buffer}[${printAffine(at)}] = %${value}${row ? " along the row" : ""}`
        )
      ])
    case "gemm": {
      const operand = ({ batch, buffer, columns, offset, rows }: (typeof kernel)["a"]) =>
        `p${buffer}(${offset}; batch ${batch.join(",") || "-"}; ${rows}, ${columns})`
      return indent([
        `gemm batch [${kernel.batch.join(",")}] m ${kernel.m} n ${kernel.n} k ${kernel.k}`,
        `a ${operand(kernel.a)} b ${operand(kernel.b)}`,
        ...kernel.exprs.map(printExpr),
        ...kernel.stores.map(({ at, buffer, value }) => `p${buffer}[${printAffine(at)}] = %${value}`)
      ])
    }
    case "scan":
      return indent([`cumsum p${kernel.from} [${kernel.outer},${kernel.length},${kernel.inner}] to p${kernel.to}`])
    case "scatterAdd":
      return indent([
        `p${kernel.to}[${kernel.rows},${kernel.width}] += p${kernel.updates} at rows p${kernel.index} (${kernel.count})`
      ])
    case "put":
      return indent([
        `p${kernel.to}[${kernel.outer},${kernel.length},${kernel.inner}] = p${kernel.into}, from p${kernel.at} on ${kernel.part} of p${kernel.from}`
      ])
    case "foldIn":
      return indent([
        `p${kernel.to} = fold ${kernel.domain}(p${kernel.key}, ${"buffer" in kernel.data ? `p${kernel.data.buffer}` : kernel.data.literal})`
      ])
  }
}

const printExpr = (expr: Expr, id: number): string => `%${id} = ${printValue(expr)}`

const printValue = (expr: Expr): string => {
  switch (expr.op) {
    case "literal":
      return shortest(expr.value)
    case "load":
      return `p${expr.buffer}[${printAffine(expr.at)}${expr.rows === undefined ? "" : ` + ${expr.rows.stride} * row %${expr.rows.index}`}]`
    case "index":
      return `index ${printAffine(expr.at)}`
    case "unary":
      return `${expr.fn} %${expr.x}`
    case "binary":
    case "compare":
      return `${expr.fn} %${expr.a} %${expr.b}`
    case "select":
      return `select %${expr.condition} %${expr.yes} %${expr.no}`
    case "cast":
      return `${expr.dtype} %${expr.x}`
    case "choose":
      return `i${expr.axis} < ${expr.at} ? %${expr.below} : %${expr.above}`
    case "reduce":
      return `reduce ${expr.fn} %${expr.x}`
    case "product":
      return "product"
    case "uniform":
      return `uniform ${expr.domain} p${expr.buffer}[${printAffine(expr.at)}]`
  }
}

const printAffine = ({ offset, strides }: Affine): string => {
  const terms = strides.flatMap((stride, axis) =>
    stride === 0 ? [] : [stride === 1 ? `i${axis}` : `${stride}*i${axis}`]
  )
  return [...(offset !== 0 || terms.length === 0 ? [String(offset)] : []), ...terms].join(" + ")
}

const indent = (lines: ReadonlyArray<string>): string => lines.map((line) => `    ${line}`).join("\n")

const bytes = (n: number): string =>
  n < 1024 ? `${n} B` : n < 2 ** 20 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / 2 ** 20).toFixed(1)} MiB`
