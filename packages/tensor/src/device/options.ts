/** Options as they come from callers whose types nobody checked: each has a rule, and what breaks it is said. */

/** What an option must be, in words, and whether a value is that. */
export interface Rule {
  readonly expected: string
  readonly holds: (value: unknown) => boolean
}

export const yesOrNo: Rule = { expected: "true or false", holds: (value) => typeof value === "boolean" }

export const bytes: Rule = {
  expected: "a number of bytes above 0",
  holds: (value) => typeof value === "number" && value > 0
}

export const whole = (least: number, most = Infinity): Rule => ({
  expected: most === Infinity ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`,
  holds: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most
})

export const atLeast = (least: number): Rule => ({
  expected: `a number of at least ${least}`,
  holds: (value) => typeof value === "number" && value >= least
})

export const oneOf = (all: ReadonlyArray<string>): Rule => ({
  expected: `one of ${all.join(", ")}`,
  holds: (value) => all.includes(value as string)
})

/** A record in which every entry follows its rule. */
export const recordOf = (rules: Readonly<Record<string, Rule>>): Rule => ({
  expected: `{ ${Object.entries(rules)
    .map(([name, { expected }]) => `${name}: ${expected}`)
    .join(", ")} }`,
  holds: (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(rules).every(([name, { holds }]) => holds((value as Record<string, unknown>)[name]))
})

/** One that is there and breaks its rule, or has none. */
export interface Wrong {
  readonly name: string
  readonly expected: string
  readonly found: string
}

/** The first option that is wrong, or null. One that is absent or `undefined` is wrong only where it is `needed`. */
export const wrongOption = (
  options: object,
  rules: Readonly<Record<string, Rule>>,
  needed: ReadonlyArray<string> = []
): Wrong | null => {
  const given = new Map<string, unknown>(Object.entries(options).filter(([, value]) => value !== undefined))
  for (const [name, value] of given) {
    const rule = rules[name]
    if (rule === undefined)
      return { name, expected: `only the options ${Object.keys(rules).join(", ")}`, found: "this one" }
    if (!rule.holds(value)) return { name, expected: rule.expected, found: show(value) }
  }
  const missing = needed.find((name) => !given.has(name))
  return missing === undefined ? null : { name: missing, expected: rules[missing]!.expected, found: "nothing" }
}

/** `limitBytes: expected a number of bytes above 0, found "5"`; null where nothing is wrong. */
export const optionProblem = (...args: Parameters<typeof wrongOption>): string | null => {
  const wrong = wrongOption(...args)
  return wrong === null ? null : `${wrong.name}: expected ${wrong.expected}, found ${wrong.found}`
}

/** A value in a sentence: strings in quotes, so that "5" is not 5. */
const show = (value: unknown): string => {
  const text = typeof value === "string" || (typeof value === "object" && value !== null) ? json(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}

const json = (value: unknown): string => {
  try {
    return JSON.stringify(value)
  } catch {
    return String(value)
  }
}
