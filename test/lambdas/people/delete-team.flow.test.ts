import { randomUUID } from 'node:crypto'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openKeys } from '../../../lambdas/keys/keys.store.ts'
import { openAccounts } from '../../../lambdas/people/accounts.store.ts'
import { deleteTeam, type TeamDeletionTools } from '../../../lambdas/people/delete-team.flow.ts'
import { openTeams } from '../../../lambdas/people/teams.store.ts'
import { type TableKey, teamKey, uniqueTeamNameKey } from '../../../lambdas/table/core-keys.ts'
import { auditsIn } from '../../support/audits.ts'
import { startControl, type TestControl, type TestPerson } from '../../support/control.ts'

let control: TestControl
let admin: TestPerson
beforeAll(async () => {
  control = await startControl()
  admin = await control.person({ role: 'admin' })
})
afterAll(() => control.stop())

const ask = (method: string, path: string, body: unknown) => control.ask(method, path, { token: admin.token, body })
const newTeam = async (name: string = randomUUID()): Promise<string> =>
  (await ask('POST', '/admin/teams', { name })).body.id
const rename = (team: string, name: string) => ask('PATCH', `/admin/teams/${team}`, { name })
const item = async (Key: TableKey) =>
  (await control.documents.send(new GetCommand({ TableName: control.tables.core, Key, ConsistentRead: true }))).Item

/** The real stores, and a clock that only counts what is waited. */
const toolsOf = (sleep: (ms: number) => Promise<void> = async () => {}): TeamDeletionTools => {
  const { documents, tables } = control
  const waiting = { sleep, chance: () => 0 }
  return {
    accounts: openAccounts(documents, tables, waiting),
    keys: openKeys(documents, tables, waiting),
    teams: openTeams(documents, tables, waiting),
    newId: randomUUID,
    sleep,
  }
}

/** An index that shows what was so this many readings ago. */
const lagging = <T>(read: (id: string) => Promise<T>, readings: number) => {
  const copies: T[] = []
  return async (id: string): Promise<T> => {
    copies.push(await read(id))
    return copies[Math.max(0, copies.length - 1 - readings)] as T
  }
}

const laggingTools = (readings: number, sleep?: (ms: number) => Promise<void>): TeamDeletionTools => {
  const tools = toolsOf(sleep)
  return {
    ...tools,
    accounts: { ...tools.accounts, ofTeam: lagging(tools.accounts.ofTeam, readings) },
    keys: { ...tools.keys, listOfTeam: lagging(tools.keys.listOfTeam, readings) },
  }
}

const EVERYTHING = { moveMembersTo: null, revokeKeys: true }

const request = () => ({
  caller: {
    kind: 'person' as const,
    userId: admin.id,
    email: admin.email,
    displayName: null,
    role: 'admin' as const,
    teamId: null,
    idp: 'Local',
    sessionId: admin.sessionId,
    sessionEndsAt: control.now(),
  },
  at: control.now(),
  requestId: 'req_test',
})

const auditsOf = (target: string) => auditsIn(control, target)

describe('while the lists lag', () => {
  test('nobody is counted twice and no key is revoked twice', async () => {
    const team = await newTeam()
    const people = [await control.person({ teamId: team }), await control.person({ teamId: team })]
    const key = (await ask('POST', '/admin/keys', { team_id: team, user_id: null })).body
    expect(await deleteTeam(team, EVERYTHING, request(), laggingTools(2))).toEqual({ membersMoved: 2, keysRevoked: 1 })
    expect(await item(teamKey(team))).toBeUndefined()
    const revoked = (await auditsOf(`key:${key.id}`)).filter(({ action }) => action === 'key.revoked')
    expect(revoked).toHaveLength(1)
    for (const { id } of people) expect(await auditsOf(`user:${id}`)).toHaveLength(1)
  })

  test('for longer than anybody waits, it ends all the same, after some seconds', async () => {
    const team = await newTeam()
    await control.person({ teamId: team })
    let waited = 0
    const tools = laggingTools(1000, async (ms) => {
      waited += ms
    })
    expect(await deleteTeam(team, EVERYTHING, request(), tools)).toEqual({ membersMoved: 1, keysRevoked: 0 })
    expect(await item(teamKey(team))).toBeUndefined()
    expect(waited).toBeGreaterThan(1000)
    expect(waited).toBeLessThan(5000)
  })

  test('who joins meanwhile is moved too', async () => {
    const [team, late] = [await newTeam(), await control.person()]
    await control.person({ teamId: team })
    let waits = 0
    const tools = laggingTools(2, async () => {
      waits++
      if (waits === 1) await ask('POST', `/admin/teams/${team}/members`, { user_id: late.id })
    })
    expect(await deleteTeam(team, EVERYTHING, request(), tools)).toMatchObject({ membersMoved: 2 })
    expect(await auditsOf(`user:${late.id}`)).toHaveLength(2)
  })

  test('who has left is not counted', async () => {
    const team = await newTeam()
    const [left, there] = [await control.person({ teamId: team }), await control.person({ teamId: team })]
    const tools = laggingTools(1)
    await tools.accounts.ofTeam(team)
    await control.ask('DELETE', `/admin/teams/${team}/members/${left.id}`, { token: admin.token })
    expect(await deleteTeam(team, EVERYTHING, request(), tools)).toMatchObject({ membersMoved: 1 })
    expect(await auditsOf(`user:${there.id}`)).toHaveLength(1)
  })
})

describe('while it is renamed', () => {
  /** The team as it was when it was first asked for, and renamed the moment after. */
  const renamedMeanwhile = (to: string): TeamDeletionTools => {
    const tools = toolsOf()
    let isFirst = true
    const find = async (id: string) => {
      const team = await tools.teams.find(id)
      if (isFirst) await rename(id, to)
      isFirst = false
      return team
    }
    return { ...tools, teams: { ...tools.teams, find } }
  }

  test('it goes by its new name, which is free then', async () => {
    const [before, after] = [randomUUID(), randomUUID()]
    const team = await newTeam(before)
    await deleteTeam(team, EVERYTHING, request(), renamedMeanwhile(after))
    expect(await item(teamKey(team))).toBeUndefined()
    for (const name of [before, after]) expect(await item(uniqueTeamNameKey(name))).toBeUndefined()
    expect(await auditsOf(`team:${team}`)).toContainEqual(
      expect.objectContaining({ action: 'team.deleted', detail: expect.objectContaining({ name: after }) }),
    )
  })

  test('the old name stays that of the team that has taken it since', async () => {
    const [name, other] = [randomUUID(), randomUUID()]
    const team = await newTeam(name)
    const seen = await toolsOf().teams.find(team)
    await rename(team, other)
    const heir = await newTeam(name)
    const entry = {
      id: randomUUID(),
      at: control.now(),
      requestId: 'r',
      actor: request().caller,
      action: 'team.deleted',
    }
    const audit = { ...entry, target: `team:${team}`, detail: {} }
    if (seen === undefined) throw new Error('the team is missing')
    expect(await toolsOf().teams.delete(seen, audit)).toBe(false)
    expect(await item(uniqueTeamNameKey(name))).toMatchObject({ team_id: heir })
    expect(await item(teamKey(team))).toMatchObject({ name: other })
    expect((await ask('POST', '/admin/teams', { name })).status).toBe(409)
  })
})
