/**
 * A reward that asks somebody: a service that may fail, four questions at a time and no more than 2000 a second. Groups of
 * attempts that nobody could judge are left out, and the run says so.
 */
import { Methods, Pipeline, Reward, Task } from "@noema/atp"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

class JudgeDown extends Data.TaggedError("JudgeDown")<{ readonly message: string }> {}

/** Who says from 0 to 10 how good an answer is: here a stand-in that is down for some questions. */
class Judge extends Context.Service<
  Judge,
  { readonly ask: (question: string, answer: string) => Effect.Effect<number, JudgeDown> }
>()("examples/Judge") {
  static readonly standIn = Judge.of({
    ask: (question, answer) =>
      question.startsWith("6")
        ? Effect.fail(new JudgeDown({ message: "the judge does not take questions that begin with 6" }))
        : Effect.succeed(answer.length > 6 ? 2 : 8)
  })
}

const judged = Reward.perAttemptEffect(
  "judged",
  [0, 10],
  ({ output, problem }) =>
    Effect.flatMap(Judge, ({ ask }) => ask(problem.question, output)).pipe(Effect.retry(Schedule.recurs(2))),
  { concurrency: 4, rate: { calls: 2000, per: "1 second" } }
)

export default Pipeline.pipeline({
  task: Task.arithmetic(),
  method: Methods.atpLatent,
  supervised: { problems: 2000, warmStart: 200, perStage: 50, final: 50 }
}).pipe(
  Pipeline.supervise(),
  Pipeline.reinforce({
    reward: Reward.provideService(judged, Judge, Judge.standIn),
    onRewardFailure: "skip-group",
    rounds: 5,
    questions: 32,
    minibatch: 64
  }),
  Pipeline.evaluate({ sets: ["id"] })
)
