// Installs the packed packages into an empty project, says what of it takes how much room, and runs a small program there on
// the newest Node: as it is, and bundled into one file. Then a project as `npm create noema` makes it: its tests, its types, its
// page.
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, readdirSync, readFileSync, lstatSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { rolldown } from "rolldown"
import { packages, root, run, withPacked } from "./packed.mjs"

const newest = "26.10.0"
/** What a user's project may hold, in millions of bytes. */
const mostMegabytes = 120

const bytesIn = (path) =>
  lstatSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0)
    : lstatSync(path).size

const checkSize = (modules) => {
  const sizes = readdirSync(modules)
    .filter((name) => !name.startsWith("."))
    .map((name) => [name, bytesIn(join(modules, name)) / 1e6])
    .sort((a, b) => b[1] - a[1])
  const total = sizes.reduce((sum, [, megabytes]) => sum + megabytes, 0)
  for (const [name, megabytes] of sizes) console.log(`${megabytes.toFixed(1).padStart(8)} MB  ${name}`)
  console.log(`${total.toFixed(1).padStart(8)} MB  together, of at most ${mostMegabytes}`)
  if (total > mostMegabytes) throw new Error(`an install takes ${total.toFixed(1)} MB, more than ${mostMegabytes}`)
}

/** One file, without the packages it came from, in a folder of its own: nothing may be looked for beside it. */
const bundle = async (input, folder) => {
  const made = await rolldown({ input, platform: "node", external: ["gl"], logLevel: "silent" })
  try {
    await made.write({ dir: folder, format: "esm", entryFileNames: "[name].mjs", codeSplitting: false })
  } finally {
    await made.close()
  }
}

await withPacked(async (all, folder) => {
  // The course brings a compiler, and is installed by those who take it.
  const tarballs = all.slice(0, packages.indexOf("course"))
  const project = join(folder, "project")
  mkdirSync(project)
  const manifest = { name: "smoke", private: true, type: "module", allowScripts: { node: true } }
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest))
  const install = (...packages) =>
    run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...packages], {
      cwd: project,
      stdio: ["ignore", "ignore", "inherit"]
    })
  install(...tarballs)
  checkSize(join(project, "node_modules"))
  install(`node@${newest}`)
  cpSync(join(root, "scripts", "smoke.mjs"), join(project, "smoke.mjs"))
  const installed = (name) => join(project, "node_modules", ".bin", name)
  run(installed("node"), ["smoke.mjs"], { cwd: project })
  const bundled = join(folder, "bundled")
  await bundle(join(project, "smoke.mjs"), bundled)
  run(installed("node"), [join(bundled, "smoke.mjs")], { cwd: bundled })
  run(installed("node"), [installed("noema"), "--version"], { cwd: project })

  run(process.execPath, [join(root, "packages/create-noema/dist/main.js"), "made", "--template", "vite"], {
    cwd: folder
  })
  const made = join(folder, "made")
  const manifestFile = join(made, "package.json")
  const wanted = JSON.parse(readFileSync(manifestFile, "utf8"))
  // What is to be released is not where others are installed from yet.
  const packed = Object.fromEntries(
    packages.slice(0, tarballs.length).map((name, at) => [`@noema/${name}`, `file:${tarballs[at]}`])
  )
  wanted.dependencies = { ...wanted.dependencies, ...packed }
  writeFileSync(manifestFile, JSON.stringify(wanted))
  for (const words of [
    ["install", "--no-audit", "--no-fund", "--loglevel=error"],
    ["test"],
    ["run", "types"],
    ["run", "build"]
  ])
    run("npm", words, { cwd: made, stdio: ["ignore", "ignore", "inherit"] })
  console.log("a new project installs, passes its tests, type-checks and builds its page")

  const learner = join(folder, "learner")
  mkdirSync(learner)
  writeFileSync(join(learner, "package.json"), JSON.stringify({ ...manifest, name: "learner" }))
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...all, `node@${newest}`], {
    cwd: learner,
    stdio: ["ignore", "ignore", "inherit"]
  })
  const learn = (...words) =>
    spawnSync(join(learner, "node_modules/.bin/node"), [join(learner, "node_modules/.bin/noema"), "learn", ...words], {
      cwd: learner,
      encoding: "utf8"
    })
  for (const lesson of ["01-shapes", "02-broadcasting"]) {
    const untouched = learn(lesson, "--once")
    if (untouched.status !== 1 || !/a hole is left/.test(untouched.stdout))
      throw new Error(`the course does not begin where it is installed: ${untouched.stdout}${untouched.stderr}`)
    writeFileSync(join(learner, "noema-course", lesson, "exercise.ts"), learn(lesson, "--solution").stdout)
    const solved = learn(lesson, "--once")
    if (solved.status !== 0) throw new Error(`a solution does not pass where the course is installed: ${solved.stdout}`)
  }
  console.log("the course installs, refuses exercises that nobody touched, and takes solutions")
})
