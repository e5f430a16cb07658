/**
 * The script of the worker threads as text, so that they start wherever a bundler has moved this module: the build of the
 * package writes it here (`scripts/bundle-parts.mjs`). In a checkout it is a file beside this one.
 */
export const workerText: string | null = null
