/** Who spent what, on which models, and when. */
import type * as z from 'zod'
import type { orgSpend } from '../../contract/org-analytics.ts'
import { isoOf } from '../platform/instant.ts'
import { type AnalyticsWindow, momentOf } from './analytics.ts'
import type { HourUse } from './hour-use.ts'
import { type OrgNames, teamName, userName } from './org-names.ts'
import { bucketsBy, stretchesOf } from './org-window.ts'
import { addUse, byAmount, compareText, newSums, type Sums, tokensOf, under, usd } from './usage-sums.ts'

type Answer = z.input<(typeof orgSpend)['responses'][200]>
type TeamId = string | null

interface Person {
  readonly sums: Sums
  readonly teams: Map<TeamId, Sums>
  lastHour: string
  lastTeam: TeamId
}

const newPerson = (): Person => ({ sums: newSums(), teams: new Map(), lastHour: '', lastTeam: null })

/** Most expensive first. */
const byCost = <T>(groups: Iterable<[T, Sums]>, nameOf: (key: T) => string): [T, Sums][] =>
  [...groups].sort(
    ([one, sums], [other, others]) => byAmount(sums.cost, others.cost) || compareText(nameOf(one), nameOf(other)),
  )

export function spendTally(window: AnalyticsWindow, names: OrgNames) {
  const bucketOf = bucketsBy(window)
  const people = new Map<string, Person>()
  const teams = new Map<TeamId, Sums>()
  const models = new Map<string, Sums>()
  const days = new Map<string, bigint>()
  const times = new Map<TeamId, Map<string, bigint>>()
  const teamRows = (groups: Map<TeamId, Sums>) =>
    byCost(groups, (id) => teamName(names, id)).map(([id, { cost, requests }]) => ({
      team_id: id,
      team_name: teamName(names, id),
      cost_usd: usd(cost),
      request_count: requests,
    }))
  return {
    add(use: HourUse): void {
      const person = under(people, use.identity, newPerson)
      for (const sums of [
        person.sums,
        under(person.teams, use.team, newSums),
        under(teams, use.team, newSums),
        under(models, use.model, newSums),
      ])
        addUse(sums, use)
      if (use.hour >= person.lastHour) Object.assign(person, { lastHour: use.hour, lastTeam: use.team })
      addTo(days, use.hour.slice(0, 10), use.cost)
      addTo(
        under(times, use.team, () => new Map()),
        bucketOf(use.hour),
        use.cost,
      )
    },
    /** Day → nano-dollars, of the days on which there was something. */
    days: (): ReadonlyMap<string, bigint> => days,
    rows: (): Pick<Answer, 'timeseries' | 'by_team' | 'by_user' | 'by_model'> => ({
      timeseries: byCost(teams, (id) => teamName(names, id)).flatMap(([team]) =>
        stretchesOf(window).map((stretch) => ({
          team_name: teamName(names, team),
          ...stretch,
          cost_usd: usd(times.get(team)?.get(stretch.bucket) ?? 0n),
        })),
      ),
      by_team: teamRows(teams),
      by_user: byCost(
        [...people].map(([identity, { sums }]) => [identity, sums]),
        (identity) => userName(names, identity),
      ).map(([identity, sums]) => {
        const { lastHour, lastTeam, teams: paidBy } = people.get(identity) ?? newPerson()
        return {
          user_identity: userName(names, identity),
          identity,
          display_name: names.people.get(identity)?.displayName ?? null,
          team_name: teamName(names, lastTeam),
          cost_usd: usd(sums.cost),
          request_count: sums.requests,
          total_tokens: tokensOf(sums),
          last_active: isoOf(momentOf(lastHour)),
          teams: teamRows(paidBy),
        }
      }),
      by_model: byCost(models, (model) => model).map(([model, { cost, requests }]) => ({
        model,
        cost_usd: usd(cost),
        request_count: requests,
      })),
    }),
  }
}

const addTo = (map: Map<string, bigint>, key: string, amount: number): void =>
  void map.set(key, (map.get(key) ?? 0n) + BigInt(amount))
