/** What a new project is made of: files by path, as text. */
import { readdirSync, readFileSync } from "node:fs"
import { join, posix } from "node:path"

/** Kinds of projects: a program of Node, or that and a page made with Vite. */
export const templates = ["plain", "vite"] as const
export type Template = (typeof templates)[number]

/** Versions that a project asks for, all of them exact. */
export interface Versions {
  readonly noema: string
  readonly effect: string
  readonly node: string
  readonly nodeTypes: string
  readonly typescript: string
  readonly vite: string
}

/** What the packages of this version were tested with. */
export const versions: Versions = {
  noema: "0.1.0",
  effect: "4.1.0",
  node: "24.21.0",
  nodeTypes: "24.19.2",
  typescript: "7.0.2",
  vite: "8.4.0"
}

/** The name of a package in a folder of such a name; npm takes small letters, digits and a few signs. */
export const packageName = (folder: string): string =>
  folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/^[._-]+|[._-]+$/g, "") || "my-noema"

const manifest = (name: string, template: Template, wanted: Versions) => ({
  name,
  private: true,
  type: "module",
  scripts: {
    start: "noema train ./pipeline.ts --out runs/first",
    test: "node --test",
    types: "tsc",
    ...(template === "vite" ? { dev: "vite", build: "vite build", preview: "vite preview" } : {})
  },
  dependencies: { "@noema/atp": wanted.noema, "@noema/tensor": wanted.noema, effect: wanted.effect },
  devDependencies: {
    "@types/node": wanted.nodeTypes,
    node: wanted.node,
    typescript: wanted.typescript,
    ...(template === "vite" ? { vite: wanted.vite } : {})
  },
  // Node comes from its package, so that the project runs on whatever Node there is.
  allowScripts: { node: true }
})

const filesBelow = (folder: string, under = ""): ReadonlyArray<readonly [path: string, text: string]> =>
  readdirSync(join(folder, under), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(under, entry.name)
    return entry.isDirectory() ? filesBelow(folder, path) : [[path, readFileSync(join(folder, path), "utf8")] as const]
  })

/**
 * The files of a project by path. `from` is the folder of the templates; npm leaves `.gitignore` out of packages, so there it
 * is called `_gitignore`.
 *
 *     filesOf("plain", "my-run", { from: "templates" }).get("pipeline.ts")
 */
export const filesOf = (
  template: Template,
  name: string,
  { from, wanted = versions }: { readonly from: string; readonly wanted?: Versions }
): ReadonlyMap<string, string> => {
  const folders = template === "plain" ? ["plain"] : ["plain", template]
  const files = folders.flatMap((folder) => filesBelow(join(from, folder)))
  return new Map([
    ["package.json", `${JSON.stringify(manifest(name, template, wanted), null, 2)}\n`],
    ...files.map(
      ([path, text]) => [path.replace(/(^|\/)_gitignore$/, "$1.gitignore"), text.replaceAll("{{name}}", name)] as const
    )
  ])
}
