/**
 * What `NOEMA_DEBUG` asks to see of the compiler, on standard error: stations by name, separated by `|` or commas, as in
 * `NOEMA_DEBUG=kernels,plan`.
 */

/**
 * `graph`: the traced graph; `kernels`: the schedule of fused kernels; `plan`: where everything lies in memory; `source`:
 * what is handed to the engine; `gradients`: parameters the loss does not use.
 */
export type Station = "graph" | "kernels" | "plan" | "source" | "gradients"

/** Prints a station if it is asked for; the text is made only then. */
export const debug = (station: Station, text: () => string): void => {
  const { process } = globalThis as {
    readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> }
  }
  if ((process?.env?.["NOEMA_DEBUG"] ?? "").split(/[|,]/).includes(station)) console.error(text())
}
