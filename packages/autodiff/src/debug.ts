/** Prints what `NOEMA_DEBUG=gradients` asks for; nothing where there is no environment. */
export const debug = (message: () => string): void => {
  const { process } = globalThis as {
    readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> }
  }
  if ((process?.env?.["NOEMA_DEBUG"] ?? "").split(/[|,]/).includes("gradients")) console.error(message())
}
