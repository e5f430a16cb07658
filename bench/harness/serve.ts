/** The side of the measured process. */
import { createInterface } from "node:readline"
import type { Case } from "./cases.ts"
import { timeCalls } from "./measure.ts"
import { mark } from "./protocol.ts"
import type { Reply, Request } from "./protocol.ts"

/** A case made ready: `run` is timed, `meanAbs` describes the result of one run before timing. */
export interface Prepared {
  readonly run: () => unknown
  readonly meanAbs: number
  readonly dispose?: () => void
}

/** Says this case is not offered here. */
export class Refused extends Error {}

const send = (reply: Reply) => process.stdout.write(`${mark}${JSON.stringify(reply)}\n`)

/**
 * Answers requests until standard input closes. `prepare` throws `Refused`, or anything else, for a case it cannot run.
 */
export const serve = async (
  version: string,
  prepare: (request: Case) => Promise<Prepared> | Prepared
): Promise<void> => {
  let current: Prepared | undefined
  send({ is: "ready", version })
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request
    try {
      if (request.ask === "prepare") {
        current?.dispose?.()
        current = undefined
        current = await prepare(request.case)
        send({ is: "prepared", meanAbs: current.meanAbs })
      } else if (current === undefined) {
        send({ is: "refused", reason: "nothing is prepared" })
      } else {
        send({ is: "sample", sample: await timeCalls(current.run, request.calls) })
      }
    } catch (error) {
      send({ is: "refused", reason: error instanceof Error ? error.message.split("\n")[0]! : String(error) })
    }
  }
  process.exit(0)
}
