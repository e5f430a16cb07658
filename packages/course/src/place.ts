/** Where the course is: its sources, or the package that is built of them. */
import { fileURLToPath } from "node:url"

/** Whether this runs from sources, as in a clone, and not from a package that is installed. */
export const fromSource = import.meta.url.endsWith(".ts")

/** The folder of the package. */
export const packageFolder = fileURLToPath(new URL(fromSource ? ".." : "../..", import.meta.url))

/** The folder of a module that is run: of `check.ts` files in sources, of what they become otherwise. */
export const builtFolder = fromSource ? packageFolder : fileURLToPath(new URL("..", import.meta.url))

/** The ending of modules that are run. */
export const ending = fromSource ? ".ts" : ".js"
