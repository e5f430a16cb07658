/** A compute shader of our own: it binds the arrays that it reads, in order, then its result. */
export interface Shader {
  readonly source: string
  /** Workgroups to dispatch. */
  readonly groups: readonly [number, number, number]
}

/** Workgroups along one dimension that every device has. */
const mostGroups = 65_535

/** Workgroups of 64 threads in a flat dispatch, folded over y as gpu.js does. */
export const flatGroups = (threads: number): readonly [number, number, number] => {
  const groups = Math.max(1, Math.ceil(threads / 64))
  const y = Math.ceil(groups / mostGroups)
  return [Math.ceil(groups / y), y, 1]
}

/** An entry point whose body sees the flat thread number `at`. */
export const flatMain = (threads: number, body: string): string =>
  `@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  let at = id.x + id.y * ${flatGroups(threads)[0] * 64}u;
  if (at >= ${threads}u) { return; }
  ${body}
}`
