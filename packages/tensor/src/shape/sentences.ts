/**
 * What is said about a wrong program, once: the type level fills these templates to make the type of the failing
 * parameter, the run time fills them to make the message of the error.
 */
export const sentences = {
  broadcast: "{op}: {a} and {b} do not broadcast, {x} is not {y}",
  broadcastTo: "{op}: {a} does not broadcast to {b}",
  bound: "{op}: {name} is {x} and also {y}",
  dtype: "{op}: {x} and {y} differ, cast one of them",
  dtypeOf: "{op}: works on {x}, not on {y}",
  number: "{op}: {x} is not a value of {y}",
  inner: "{op}: inner dimensions of {a} and {b} differ, {x} is not {y}",
  rank: "{op}: {a} needs {n} or more axes",
  sameShape: "{op}: {a} is not {b}",
  reshape: "reshape: {a} does not fit {b}, {x} is not {y}",
  reshapeHoles: "reshape: {b} leaves more than one size open",
  axis: "{op}: {a} has no axis {x}",
  axisEmpty: "{op}: axis {x} of {a} is empty",
  axisTwice: "{op}: axis {x} is listed twice",
  axisCount: "{op}: {a} has {n} axes, not {m}",
  squeeze: "{op}: axis {x} of {a} is not 1",
  nothing: "{op}: needs at least one tensor",
  einsumArrow: 'einsum: "{spec}" has no "->"',
  einsumAxis: 'einsum: axis "{name}" is {x} and also {y}',
  einsumMoreNames: 'einsum: "{term}" names more axes than {a} has',
  einsumFewerNames: 'einsum: "{term}" names fewer axes than {a} has',
  einsumOneWord: 'einsum: "{term}" is the name of one axis of {a}, names have spaces between them',
  einsumMoreTerms: 'einsum: "{spec}" has more terms than there are operands',
  einsumFewerTerms: 'einsum: "{spec}" has fewer terms than there are operands',
  einsumOutput: 'einsum: output axis "{name}" appears in no operand',
  einsumTwice: 'einsum: output axis "{name}" is named twice',
  sliceBounds: "{op}: {x} to {y} is not within {n}",
  step: "{op}: a step of {x} is not a whole number above 0",
  index: "{op}: index {x} is not within {n}",
  groups: "{op}: {x} heads do not fall into {y} groups",
  even: "{op}: the last axis of {a} is odd",
  seed: "{op}: {x} is not a whole number from 0 to 2^53 - 1",
  rate: "{op}: a rate of {x} is not from 0 to below 1",
  i32: "{op}: {x} is not within the whole numbers of i32, -2^31 to 2^31 - 1",
  range: "{op}: {x} to {y} is not a range of finite numbers, the smaller one first",
  interval: "{op}: {x} to {y} is not a range of 1 to 2^24 whole numbers",
  split: "{op}: parts of {y} do not add up to {x}",
  term: "{op}: {x} is no part of {y}",
  termTwice: "{op}: {x} is more than one part of {y}",
  factors: "{op}: {name} is {x}, which is not {y}",
  sizeUnknown: '{op}: the size of {name} is not known here, say named("{name}", size)',
  fits: "{op}: {x} does not fit into {y}",
  prefix: "{op}: {a} does not begin with {b}",
  offAxis: "{op}: {a} and {b} differ off axis {x}",
  size: "{op}: {x} is not a size",
  count: "{op}: {x} values do not fill {a}",
  ragged: "{op}: rows of {a} differ in length"
} as const

export type SentenceName = keyof typeof sentences

/** What a sentence is filled with. */
export type Values = Readonly<Record<string, string | number>>

type Fill<Template extends string, V extends Values> = Template extends `${infer Head}{${infer Key}}${infer Rest}`
  ? `${Head}${V[Key]}${Fill<Rest, V>}`
  : Template

/** The sentence as a string literal type. */
export type Sentence<Name extends SentenceName, V extends Values> = Fill<(typeof sentences)[Name], V>

/** The sentence as a string. */
export const sentence = (name: SentenceName, values: Values): string =>
  sentences[name].replace(/\{(\w+)\}/g, (_, key: string) => String(values[key]))
