/** Pretty-printing of generated source: statements are lines or nested blocks, indented by two spaces. */

export type Statement = string | { readonly head: string; readonly body: ReadonlyArray<Statement> }

/** `if (...) {` ... `}` and the like; an `else` starts its head with `} else {`. */
export const block = (head: string, body: ReadonlyArray<Statement>): Statement => ({ head, body })

export const print = (statements: ReadonlyArray<Statement>, indent = ""): string => {
  const lines = statements.flatMap((statement, position) => {
    if (typeof statement === "string") return [indent + statement]
    const next = statements[position + 1]
    const continued = typeof next === "object" && next.head.startsWith("}")
    return [indent + statement.head, print(statement.body, `${indent}  `), ...(continued ? [] : [`${indent}}`])]
  })
  return lines.filter((line) => line !== "").join("\n")
}

/** `base + 3 * x` without the terms that vanish: the text of an affine map. */
export const sum = (terms: ReadonlyArray<readonly [stride: number, text: string]>, offset: number): string => {
  const parts = terms
    .filter(([stride]) => stride !== 0)
    .map(([stride, text]) => {
      const size = Math.abs(stride)
      return { sign: Math.sign(stride), text: size === 1 ? text : `${text} * ${size}` }
    })
    .sort((p, q) => q.sign - p.sign)
  if (offset !== 0) parts.push({ sign: Math.sign(offset), text: String(Math.abs(offset)) })
  if (parts.length === 0) return "0"
  return parts
    .map(({ sign, text }, i) => (i === 0 ? (sign < 0 ? `0 - ${text}` : text) : `${sign < 0 ? "-" : "+"} ${text}`))
    .join(" ")
}

/** Whether the first bracket of `text` closes at its very end. */
const closesAtEnd = (text: string): boolean => {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    if ("([".includes(text[i]!)) depth++
    else if (")]".includes(text[i]!) && --depth === 0) return i === text.length - 1
  }
  return false
}

/** Whether `text` can stand beside any operator without parentheses. */
export const isAtom = (text: string): boolean =>
  /^[\w.]+$/.test(text) || (/^[\w.]*[([]/.test(text) && closesAtEnd(text))

export const parenthesised = (text: string): string => (isAtom(text) ? text : `(${text})`)

/** Without the parentheses around it, for where a comma or bracket follows. */
export const bare = (text: string): string => (text.startsWith("(") && closesAtEnd(text) ? text.slice(1, -1) : text)
