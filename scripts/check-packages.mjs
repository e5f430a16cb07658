// Would a user's Node, bundler and TypeScript find what the packages promise?
import { run, withPacked } from "./packed.mjs"

await withPacked((tarballs) => {
  for (const tarball of tarballs) {
    run("publint", [tarball, "--strict"])
    run("attw", [tarball, "--profile", "esm-only", "--no-summary", "--no-color"])
  }
})
