/** The Python that the peers in Python run on: a virtual environment with exactly what `peers/requirements.txt` names. */
import { existsSync, readFileSync } from "node:fs"
import { homedir } from "node:os"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const requirements = fileURLToPath(new URL("../peers/requirements.txt", import.meta.url))

/** Outside the repository, so that fresh clones find it again. */
export const environment = (env: NodeJS.ProcessEnv = process.env, home: string = homedir()): string =>
  join(env["XDG_CACHE_HOME"] || join(home, ".cache"), "noema", "bench-python")

/** `torch` -> `2.13.0`. */
export const pinned = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readFileSync(requirements, "utf8")
      .split("\n")
      .flatMap((line) => {
        const [name, version] = line.split("==")
        return name !== undefined && version !== undefined && !line.startsWith("#") ? [[name, version.trim()]] : []
      })
  )

export type Python = { readonly command: string } | { readonly absent: string }

/**
 * `BENCH_PYTHON` where it is set, else the environment in its usual folder; where there is neither, how to make it.
 */
export const python = (env: NodeJS.ProcessEnv = process.env, home: string = homedir()): Python => {
  const told = env["BENCH_PYTHON"]
  if (told) return { command: told }
  const folder = environment(env, home)
  const command = join(folder, ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]))
  if (existsSync(command)) return { command }
  const file = relative(process.cwd(), requirements)
  return {
    absent: `there is no ${folder}; make it with: python3 -m venv ${folder} && ${join(folder, "bin", "pip")} install -r ${file}`
  }
}

/**
 * For numpy: where the machine forces a kernel on OpenBLAS for the sake of older builds, this one chooses by itself.
 */
export const ownKernels = { OPENBLAS_CORETYPE: undefined, OPENBLAS_L2_SIZE: undefined }
