/** The side of a page that measures itself: `harness/serve.ts` over the requests that the page makes. */
import type { Case } from "../harness/cases.ts"
import { timeCalls } from "../harness/measure.ts"
import type { Reply, Request } from "../harness/protocol.ts"
import type { Prepared } from "../harness/serve.ts"

/** Says this case is not offered here. */
export class Refused extends Error {}

/** Hands a reply over and waits for the next request. */
const send = async (reply: Reply): Promise<Request> => {
  const response = await fetch("/reply", { method: "POST", body: JSON.stringify(reply) })
  return (await response.json()) as Request
}

export const serve = async (
  version: string,
  prepare: (request: Case) => Promise<Prepared> | Prepared
): Promise<void> => {
  let current: Prepared | undefined
  const answer = async (request: Request): Promise<Reply> => {
    if (request.ask === "prepare") {
      current?.dispose?.()
      current = undefined
      current = await prepare(request.case)
      return { is: "prepared", meanAbs: current.meanAbs }
    }
    if (current === undefined) return { is: "refused", reason: "nothing is prepared" }
    return { is: "sample", sample: await timeCalls(current.run, request.calls) }
  }
  let request = await send({ is: "ready", version })
  for (;;) {
    const reply = await answer(request).catch((error: unknown): Reply => ({
      is: "refused",
      reason: error instanceof Error ? error.message.split("\n")[0]! : String(error)
    }))
    request = await send(reply)
  }
}
