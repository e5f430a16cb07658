/** `noema methods`: the methods that there are, as points in their space. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Argument, Command, Flag } from "effect/cli"
import { catalogueOf } from "../catalogue/facts.ts"
import { methodsPage, methodsText, methodText } from "../catalogue/text.ts"
import type { Method } from "../method/method.ts"
import { methodNames, methods as known } from "../methods/registry.ts"
import { BadConfig } from "../train/config.ts"
import { type Exported } from "./module.ts"
import { sentence } from "./sentence.ts"

const all = () => catalogueOf(methodNames.map((name) => known[name]))

/** The command, with what finds a method by a word. */
export const methodsWith = (wanted: (word: string) => Effect.Effect<Exported, { readonly message: string }>) =>
  Command.make(
    "methods",
    {
      name: Argument.String("name").pipe(
        Argument.withDescription("A method to be shown whole: by name, or a module that exports one"),
        Argument.optional
      ),
      markdown: Flag.Boolean("markdown").pipe(
        Flag.withDescription("Print the page of all methods, docs/methods.md"),
        Flag.withDefault(false)
      )
    },
    ({ markdown, name }) =>
      Effect.gen(function* () {
        if (Option.isNone(name)) return yield* Console.log(markdown ? methodsPage(all()).trimEnd() : methodsText(all()))
        if (markdown)
          return yield* new BadConfig({ reason: "--markdown prints the page of all methods; leave out the name" })
        const exported = yield* wanted(name.value)
        const method: Method = exported.kind === "method" ? exported.method : exported.pipeline.method
        yield* Console.log(catalogueOf([method]).methods.map(methodText).join("\n"))
      }).pipe(sentence)
  ).pipe(Command.withDescription("The methods that there are: what they are made of and what they learn from"))
