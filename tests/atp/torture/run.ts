/** `npm run torture -- --kills 100 --races 300`: what run folders promise, tried more often than every test run can. */
import { parseArgs } from "node:util"
import { apart, lockStates, races } from "../run/races.ts"
import { killed } from "./kills.ts"

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    races: { type: "string", default: "300" },
    processes: { type: "string", default: "2" }
  }
})
const counted = (name: keyof typeof values): number => {
  const count = Number(values[name])
  if (Number.isSafeInteger(count) && count >= 0) return count
  console.error(`--${name} expects a whole number, found ${values[name]}`)
  process.exit(1)
}
const [kills, count, processes] = [counted("kills"), counted("races"), counted("processes")]
let isWrong = false

const tellRaces = async (state: keyof typeof lockStates, within: ReadonlyArray<string>, where: string) => {
  const begun = performance.now()
  const { outcomes, unwon } = await races(state, count, processes, within)
  const { entered = 0, refused = 0, ...others } = outcomes
  const isGood = unwon === 0 && Object.keys(others).length === 0
  isWrong ||= !isGood
  console.log(
    `${count} races of ${processes} processes${where}, lock ${state}: entered ${entered}, refused ${refused}, ` +
      `two inside ${others["crowded"] ?? 0}, nobody ${unwon}, ${((performance.now() - begun) / 1000).toFixed(0)} s`
  )
  for (const [what, times] of Object.entries(others)) if (what !== "crowded") console.log(`  ${times}: ${what}`)
}

if (count > 0) {
  for (const state of Object.keys(lockStates) as ReadonlyArray<keyof typeof lockStates>) await tellRaces(state, [], "")
  if (apart === null) console.log("no races in containers: this user may not make a space of process numbers")
  else await tellRaces("fresh", apart, " in containers")
}
if (kills > 0) {
  const { ends, found, kills: made, wrong } = await killed(kills, (line) => console.log(line))
  isWrong ||= wrong.length > 0
  console.log(`${made} kills, ${ends} ends, ${wrong.length} of them not to the bits of a run that was not killed`)
  for (const [place, times] of Object.entries(found)) console.log(`  ${times} ${place}`)
  for (const what of wrong) console.log(`  ${what}`)
}
process.exitCode = isWrong ? 1 : 0
