import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { environment, pinned, python } from "../../bench/harness/python.ts"

describe("the Python of the peers", () => {
  it("is what BENCH_PYTHON names, else that of the environment, else how to make it is said", () => {
    const home = mkdtempSync(join(tmpdir(), "noema-"))
    try {
      const folder = join(home, ".cache", "noema", "bench-python")
      expect(environment({}, home)).toBe(folder)
      expect(environment({ XDG_CACHE_HOME: "/elsewhere" }, home)).toBe(join("/elsewhere", "noema", "bench-python"))
      expect(python({ BENCH_PYTHON: "/usr/bin/python3" }, home)).toEqual({ command: "/usr/bin/python3" })
      const missing = python({}, home)
      expect("absent" in missing && missing.absent).toContain(`python3 -m venv ${folder} && `)
      const windows = process.platform === "win32"
      const command = join(folder, windows ? "Scripts" : "bin", windows ? "python.exe" : "python")
      mkdirSync(dirname(command), { recursive: true })
      writeFileSync(command, "")
      expect(python({}, home)).toEqual({ command })
    } finally {
      rmSync(home, { recursive: true })
    }
  })

  it("has exact versions of what is compared with", () => {
    const versions = pinned()
    expect(Object.keys(versions)).toEqual(expect.arrayContaining(["torch", "numpy"]))
    for (const version of Object.values(versions)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  })
})
