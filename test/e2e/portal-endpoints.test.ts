/** Endpoints and the routing of teams in a real browser, against the deployed bundles behind the distribution. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { FIRST_ENDPOINT_ID } from '../../lambdas/endpoints/endpoint.ts'
import { memberToken } from '../support/member.ts'
import { enter } from '../support/portal.ts'
import { gateway, now, openPortal } from '../support/portal-stage.ts'

openPortal(async () => {
  // Its own name would be the word of its badge.
  await gateway.admin('PATCH', `/admin/endpoints/${FIRST_ENDPOINT_ID}`, { name: 'home' })
})

interface Known {
  readonly id: string
  readonly name: string
  readonly rev: number
  readonly priority: number
  readonly aip_overrides: readonly { readonly model_id: string; readonly aip_arn: string }[]
  readonly [member: string]: unknown
}

const PLACE = { region: 'us-east-1', routing_prefix: 'us' }

async function make(wish: object): Promise<Known> {
  const answer = await gateway.admin('POST', '/admin/endpoints', { ...PLACE, ...wish })
  if (answer.status !== 201) throw new Error(await answer.text())
  return (await answer.json()) as Known
}
const read = async (id: string): Promise<Known> =>
  (await (await gateway.admin('GET', `/admin/endpoints/${id}`)).json()) as Known

async function list(): Promise<readonly Known[]> {
  const answer = await gateway.admin('GET', '/admin/endpoints')
  return ((await answer.json()) as { endpoints: readonly Known[] }).endpoints
}

async function makeTeam(name: string): Promise<string> {
  const answer = await gateway.admin('POST', '/admin/teams', { name })
  return ((await answer.json()) as { id: string }).id
}

interface Routing {
  readonly routing_strategy: string
  readonly rev: number
  readonly endpoints: readonly { readonly name: string; readonly priority: number }[]
}
const routingOf = async (team: string): Promise<Routing> =>
  (await (await gateway.admin('GET', `/admin/teams/${team}/endpoints`)).json()) as Routing
const route = async (team: string, body: object): Promise<void> => {
  expect((await gateway.admin('PUT', `/admin/teams/${team}/endpoints`, body)).status).toBe(200)
}
const ranks = ({ endpoints }: Routing) => endpoints.map(({ name, priority }) => [name, priority])

/** Bodies that the page has sent, by method and path. */
function sent(page: Page): { readonly to: string; readonly body: unknown }[] {
  const all: { to: string; body: unknown }[] = []
  page.on('request', (request) => {
    if (request.method() !== 'GET') {
      all.push({
        to: `${request.method()} ${new URL(request.url()).pathname}`,
        body: JSON.parse(request.postData() ?? 'null'),
      })
    }
  })
  return all
}

const menu = async (page: Page, name: string, item: string): Promise<void> => {
  await page.getByRole('button', { name: `Actions for ${name}` }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

describe('the list', () => {
  test('the endpoint of the deployment is there: the default, how it is, and where', async () => {
    const { page } = now
    await gateway.tick('watch')
    await enter(now, gateway, '/keys')
    await page.getByRole('heading', { name: 'Virtual keys', level: 1 }).waitFor()
    await page.goto(`${gateway.gatewayUrl}/portal/#/endpoints`)
    const row = page.getByRole('row').filter({ hasText: 'home' })
    await row.getByText('Default', { exact: true }).waitFor()
    await row.getByText('Healthy').waitFor()
    expect(await row.textContent()).toContain(String((await read(FIRST_ENDPOINT_ID)).region))
    expect(new URL(page.url()).pathname).toBe('/portal/endpoints')
  })

  test('the search is in the address, and says when nothing fits', async () => {
    const { page } = now
    await make({ name: 'searched one', region: 'us-west-2' })
    await enter(now, gateway, '/endpoints?q=searched')
    await page.getByRole('rowheader', { name: 'searched one' }).waitFor()
    expect(await page.getByRole('rowheader').count()).toBe(1)
    await page.getByLabel('Name, account or region').fill('nowhere')
    await page.getByText('No endpoint matches “nowhere”').waitFor()
    expect(new URL(page.url()).search).toBe('?q=nowhere')
  })

  test('one that teams go by is switched off only after the teams were named; on it goes at once', async () => {
    const { page } = now
    const { id, name } = await make({ name: 'switched' })
    const team = await makeTeam('Switchers')
    await route(team, { endpoints: [{ endpoint_id: id, priority: 1 }] })
    await enter(now, gateway, '/endpoints?q=switched')
    const on = page.getByRole('switch', { name: `${name} enabled` })
    await on.click()
    const asks = page.getByRole('alertdialog', { name: 'Disable switched?' })
    await asks.getByText('Switchers has no other that is enabled').waitFor()
    await asks.getByRole('button', { name: 'Keep enabled' }).click()
    expect((await read(id)).enabled).toBe(true)
    await on.click()
    await asks.getByRole('button', { name: 'Disable endpoint' }).click()
    await page.getByText('switched is disabled').waitFor()
    expect((await read(id)).enabled).toBe(false)
    await on.click()
    await page.getByText('switched is enabled').waitFor()
    expect((await read(id)).enabled).toBe(true)
  })

  test('S-A24: the default endpoint is deleted only once another is the default, and what goes along is named', async () => {
    const { page } = now
    const next = await make({ name: 'next default' })
    const first = await read(FIRST_ENDPOINT_ID)
    await gateway.admin('POST', `/admin/endpoints/${next.id}/aip-overrides`, {
      model_id: 'claude-opus-5-5',
      aip_arn: 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/going',
    })
    await enter(now, gateway, '/endpoints')
    await menu(page, first.name, 'Delete…')
    const refused = page.getByRole('alertdialog', { name: `${first.name} is the default endpoint` })
    await refused.getByRole('button', { name: 'Close' }).click()
    expect((await list()).map(({ id }) => id)).toContain(FIRST_ENDPOINT_ID)

    await menu(page, next.name, 'Make default…')
    const asks = page.getByRole('alertdialog', { name: 'Make next default the default?' })
    await asks.getByText(`Now ${first.name} does.`).waitFor()
    await asks.getByRole('button', { name: 'Make default' }).click()
    await page.getByText('next default is the default').waitFor()
    await menu(page, next.name, 'Delete…')
    await page.getByRole('alertdialog', { name: 'next default is the default endpoint' }).getByRole('button').click()
    expect((await gateway.admin('PUT', `/admin/endpoints/${FIRST_ENDPOINT_ID}/default`)).status).toBe(200)

    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByRole('row').filter({ hasText: first.name }).getByText('Default', { exact: true }).waitFor()
    await menu(page, next.name, 'Delete…')
    const deletes = page.getByRole('alertdialog', { name: 'Delete next default?' })
    await deletes.getByText('Deleted along with it: 1 application inference profile.').waitFor()
    await deletes.getByRole('button', { name: 'Delete endpoint' }).click()
    await page.getByText('next default is deleted').waitFor()
    expect((await list()).map(({ name }) => name)).not.toContain('next default')
  })

  test('S-H1: names that are markup stay names, on every page and in every dialog', async () => {
    const { page } = now
    const name = '<img src=x onerror=alert(1)>'
    const { id } = await make({ name })
    const team = await makeTeam(name)
    await route(team, { endpoints: [{ endpoint_id: id, priority: 1 }] })
    await enter(now, gateway, '/endpoints')
    await page.getByRole('rowheader', { name }).waitFor()
    await menu(page, name, 'Delete…')
    await page
      .getByRole('alertdialog', { name: `Delete ${name}?` })
      .getByText(`list of ${name}`)
      .waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    expect(await page.title()).toContain(name)
    await page.getByRole('link', { name, exact: true }).click()
    await page
      .getByRole('dialog', { name: `Routing of ${name}` })
      .getByText(name, { exact: true })
      .last()
      .waitFor()
    expect(await page.locator('img').count()).toBe(0)
    await gateway.admin('DELETE', `/admin/endpoints/${id}`)
  })

  test('S-M2: a member is told who may come here, and nothing is asked for them', async () => {
    const { page } = now
    const asked: string[] = []
    page.on('request', (request) => void asked.push(new URL(request.url()).pathname))
    const token = await memberToken(gateway)
    for (const path of ['/endpoints', `/endpoints/${FIRST_ENDPOINT_ID}`, '/endpoints/teams']) {
      await enter(now, gateway, path, token)
      await page.getByText('You need the admin role for this page').waitFor()
    }
    expect(asked.filter((path) => path.startsWith('/admin/'))).toEqual([])
    expect(await page.getByRole('link', { name: 'Endpoints' }).count()).toBe(0)
    await page.keyboard.press('Control+k')
    await page.getByRole('searchbox', { name: 'Search' }).fill('endpoint')
    await page.getByText('Nothing is called “endpoint”').waitFor()
  })
})

describe('the form', () => {
  const ROLE = 'arn:aws:iam::222233334444:role/ccag-claude'

  test('S-A23: a role that refuses is told before saving, with its trust policy; one that agrees is added', async () => {
    const { page } = now
    gateway.sts?.defineRole({ arn: ROLE, denied: true })
    const before = (await list()).length
    await enter(now, gateway, '/endpoints')
    await page.getByRole('button', { name: 'Add endpoint' }).click()
    const form = page.getByRole('dialog', { name: 'Add endpoint' })
    await form.getByLabel('Name').fill('us-overflow')
    await form.getByLabel('Scope').selectOption('us')
    await form.getByText('Assume a role').click()
    await form.getByLabel('Role ARN').fill(ROLE)
    await form.getByRole('button', { name: 'Suggest', exact: true }).click()
    const externalId = await form.getByLabel('External ID').inputValue()
    expect(externalId).toMatch(/^gw-[0-9a-f]{32}$/)
    await form.getByText('Policies for the role').click()
    const trust = form.getByRole('figure', { name: 'Trust policy' })
    await trust.getByRole('button', { name: 'Copy' }).click()
    const policy = JSON.parse(await page.evaluate<string>('navigator.clipboard.readText()')) as {
      Statement: [{ Condition: object }]
    }
    expect(policy.Statement[0].Condition).toEqual({ StringEquals: { 'sts:ExternalId': externalId } })

    await form.getByRole('button', { name: 'Test before saving' }).click()
    await form.getByText('Requests cannot be served by it yet').waitFor()
    await form.getByText('Its trust policy has to allow sts:AssumeRole').waitFor()
    await form.getByText('Nothing was saved.').waitFor()
    expect(await list()).toHaveLength(before)

    gateway.sts?.defineRole({ arn: ROLE, externalId })
    await form.getByRole('button', { name: 'Test before saving' }).click()
    await form.getByText('Requests can be served by it').waitFor()
    expect(await list()).toHaveLength(before)
    await form.getByRole('button', { name: 'Add endpoint' }).click()
    await page.getByRole('row').filter({ hasText: 'us-overflow' }).getByText('222233334444').waitFor()
    const made = (await list()).find(({ name }) => name === 'us-overflow')
    expect(made).toMatchObject({ role_arn: ROLE, external_id: externalId, region: 'us-east-1', routing_prefix: 'us' })
  })

  test('what is missing or refused is told at its field, and nothing is made', async () => {
    const { page } = now
    await enter(now, gateway, '/endpoints?create=true')
    const form = page.getByRole('dialog', { name: 'Add endpoint' })
    const add = form.getByRole('button', { name: 'Add endpoint' })
    const before = (await list()).length
    await form.getByLabel('Priority').fill('1.5')
    await add.click()
    await form.getByText('Enter a name in up to 100 characters.').waitFor()
    await form.getByText('Enter a whole number from 0 to 10,000.').waitFor()
    await form.getByLabel('Name').fill('far away')
    await form.getByLabel('Scope').selectOption('us')
    await form.getByLabel('Priority').fill('7')
    // The scope's regions are offered, another may be typed; whether it fits, the gateway says.
    const region = form.getByRole('combobox', { name: 'Home region' })
    await region.fill('eu-west-1')
    await region.press('Tab')
    await add.click()
    await form.getByText('eu-west-1 is outside the scope us').waitFor()
    expect(await region.getAttribute('aria-invalid')).toBe('true')
    await form.getByText('Assume a role').click()
    await form.getByLabel('Role ARN').fill('claude')
    await region.fill('us-west-2')
    await region.press('Tab')
    await add.click()
    await form.getByText('must be the ARN of an IAM role').waitFor()
    expect(await form.getByLabel('Role ARN').getAttribute('aria-invalid')).toBe('true')
    expect(await list()).toHaveLength(before)
    // What was typed is not lost to a slip of the finger.
    await page.keyboard.press('Escape')
    await form.getByText('Discard what you typed?').waitFor()
    await form.getByRole('button', { name: 'Keep editing' }).click()
    expect(await form.getByLabel('Name').inputValue()).toBe('far away')
  })

  test('another scope brings its usual region, and the list offers the regions of the scope', async () => {
    const { page } = now
    await enter(now, gateway, '/endpoints?create=true')
    const form = page.getByRole('dialog', { name: 'Add endpoint' })
    await form.getByLabel('Scope').selectOption('eu')
    const region = form.getByRole('combobox', { name: 'Home region' })
    expect(await region.inputValue()).toBe('eu-west-1')
    await region.fill('central')
    await expect.poll(() => page.getByRole('option').allTextContents()).toEqual(['eu-central-1', 'eu-central-2'])
    await page.getByRole('option', { name: 'eu-central-1' }).click()
    await expect.poll(() => region.inputValue()).toBe('eu-central-1')
  })

  test('S-A22: editing the name sends the name alone; priority and override stay', async () => {
    const { page } = now
    const { id } = await make({ name: 'edited', priority: 5 })
    const override = {
      model_id: 'claude-opus-5-5',
      aip_arn: 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/kept',
    }
    await gateway.admin('POST', `/admin/endpoints/${id}/aip-overrides`, override)
    const before = await read(id)
    await enter(now, gateway, `/endpoints/${id}?edit=true`)
    const form = page.getByRole('dialog', { name: 'Edit edited' })
    await form.getByLabel('Name').fill('edited twice')
    const requests = sent(page)
    await form.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'edited twice', level: 1 }).waitFor()
    expect(requests).toEqual([{ to: `PATCH /admin/endpoints/${id}`, body: { name: 'edited twice', rev: before.rev } }])
    const { rev: _rev, name, ...rest } = await read(id)
    const { rev: _before, name: _name, ...was } = before
    expect(name).toBe('edited twice')
    expect(rest).toEqual(was)
    expect(rest).toMatchObject({ priority: 5, aip_overrides: [override] })
  })

  test('of two administrators the second is told what the first changed, and keeps what they typed', async () => {
    const { page } = now
    const { id } = await make({ name: 'contested' })
    await enter(now, gateway, `/endpoints/${id}?edit=true`)
    const form = page.getByRole('dialog', { name: 'Edit contested' })
    await form.getByLabel('Priority').fill('9')
    await gateway.admin('PATCH', `/admin/endpoints/${id}`, { name: 'theirs', region: 'us-west-2' })
    await form.getByRole('button', { name: 'Save' }).click()
    await form.getByText('Somebody else changed this endpoint meanwhile').waitFor()
    await form.getByText('Home region: us-west-2').waitFor()
    expect(await form.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
    expect((await read(id)).priority).toBe(0)
    await form.getByRole('button', { name: 'Load theirs, keep what I typed' }).click()
    expect(await form.getByLabel('Name').inputValue()).toBe('theirs')
    expect(await form.getByLabel('Priority').inputValue()).toBe('9')
    await form.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'theirs', level: 1 }).waitFor()
    expect(await read(id)).toMatchObject({ name: 'theirs', region: 'us-west-2', priority: 9 })
  })
})

describe('one endpoint', () => {
  test('its models stand beside their quotas, and without the right to quotas it says what to allow', async () => {
    const { page } = now
    await enter(now, gateway, `/endpoints/${FIRST_ENDPOINT_ID}`)
    const row = page.getByRole('row').filter({ hasText: 'Opus 5.5' })
    await row.getByText('1,000').waitFor()
    await row.getByText('6M').waitFor()
    expect(await row.getByRole('link', { name: 'Ask for more' }).getAttribute('href')).toContain('servicequotas')

    gateway.quotas?.deny()
    const { id } = await make({ name: 'no quotas' })
    await page.goto(`${gateway.gatewayUrl}/portal/endpoints/${id}`)
    await page.getByText('Quotas cannot be shown').waitFor()
    await page.getByText('is not allowed servicequotas:ListServiceQuotas').waitFor()
    await page.getByRole('rowheader', { name: 'Opus 5.5' }).waitFor()
    gateway.quotas?.clear()
  })

  test('S-A47: the palette tests an endpoint by its name, and the result is told', async () => {
    const { page } = now
    await make({ name: 'us-tested' })
    await enter(now, gateway, '/endpoints')
    await page.getByRole('rowheader', { name: 'us-tested' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('searchbox', { name: 'Search' }).fill('test us-tested')
    await page.getByRole('option', { name: 'Test us-tested' }).waitFor()
    await page.keyboard.press('Enter')
    const result = page.getByRole('region', { name: 'Result of the test' })
    await result.getByRole('status').getByText('Requests can be served by it').waitFor()
    expect(await result.getByText('Passed').count()).toBe(4)
    // A reload does not test again.
    expect(new URL(page.url()).search).toBe('')
  })

  test('S-A25: a second profile for one model meets the first, and replaces it on request', async () => {
    const { page } = now
    const { id } = await make({ name: 'profiled' })
    const arn = (name: string): string => `arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/${name}`
    await enter(now, gateway, `/endpoints/${id}`)
    const dialog = page.getByRole('dialog', { name: 'Add application inference profile' })
    const add = async (model: string, name: string): Promise<void> => {
      await page.getByRole('button', { name: 'Add profile' }).first().click()
      await dialog.getByRole('combobox', { name: 'Model' }).fill(model)
      await dialog.getByLabel('Profile ARN').fill(arn(name))
      await dialog.getByRole('button', { name: 'Add profile' }).click()
    }
    await page.getByText('None. Every model is called by its cross-region profile.').waitFor()
    await add('claude-sonnet-4-5', 'first')
    await page.getByRole('rowheader', { name: 'Sonnet 4.5' }).waitFor()
    await add('claude-sonnet-4-5-20250929', 'second')
    await dialog.getByText('This model has a profile already').waitFor()
    expect((await read(id)).aip_overrides).toMatchObject([{ aip_arn: arn('first') }])
    await dialog.getByRole('button', { name: 'Replace it' }).click()
    await page.getByText(arn('second')).waitFor()
    expect((await read(id)).aip_overrides).toMatchObject([{ model_id: 'claude-sonnet-4-5', aip_arn: arn('second') }])
    await page.getByRole('button', { name: 'Remove the profile of Sonnet 4.5' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('None. Every model is called by its cross-region profile.').waitFor()
    expect((await read(id)).aip_overrides).toEqual([])
  })

  test('a beta flag is said to be taken, and left to what is learned again', async () => {
    const { page } = now
    const { id } = await make({ name: 'flagged' })
    const said = async (): Promise<unknown[]> => {
      const { overrides } = (await (await gateway.admin('GET', '/admin/beta-overrides')).json()) as {
        overrides: { endpoint_id: string }[]
      }
      return overrides.filter(({ endpoint_id }) => endpoint_id === id)
    }
    await enter(now, gateway, `/endpoints/${id}`)
    await page.getByRole('button', { name: 'Add flag' }).click()
    const dialog = page.getByRole('dialog', { name: 'Say whether a beta flag is taken' })
    const profile = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1'
    await dialog.getByRole('combobox', { name: 'Inference profile' }).fill(profile)
    await dialog.getByLabel('Beta flag').fill('not a flag')
    await dialog.getByText('Not taken').click()
    await dialog.getByRole('button', { name: 'Save flag' }).click()
    await dialog.getByText('must be the name of a beta flag').waitFor()
    await dialog.getByLabel('Beta flag').fill('context-1m-2025-08-07')
    await dialog.getByRole('button', { name: 'Save flag' }).click()
    await page.getByRole('rowheader', { name: 'context-1m-2025-08-07' }).waitFor()
    expect(await said()).toMatchObject([{ profile_id: profile, beta_name: 'context-1m-2025-08-07', supported: false }])
    await page.getByRole('button', { name: `Remove context-1m-2025-08-07 of ${profile}` }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('Nothing is said: all of it is learned.').waitFor()
    expect(await said()).toEqual([])
  })

  test('one that is not there says so and leads back', async () => {
    const { page } = now
    await enter(now, gateway, '/endpoints/11111111-1111-4111-8111-111111111111')
    await page.getByText('There is no such endpoint').waitFor()
    await page.getByRole('link', { name: 'all endpoints' }).click()
    await page.getByRole('heading', { name: 'Endpoints', level: 1 }).waitFor()
  })
})

describe('translation rules', () => {
  test('they are set as JSON, refused at the field, and reset to the built-in ones', async () => {
    const { page } = now
    const rules = async () =>
      (await (await gateway.admin('GET', '/admin/bedrock/rules')).json()) as {
        built_in: boolean
        rules: { refused_betas: string[] }
      }
    await enter(now, gateway, '/endpoints')
    await page.getByText('They are the built-in ones').waitFor()
    await page.getByRole('button', { name: 'Edit…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Edit translation rules' })
    const field = dialog.getByLabel('Rules as JSON')
    const before = JSON.parse(await field.inputValue()) as object
    await field.fill('{ "refused_betas": [')
    await dialog.getByRole('button', { name: 'Save rules' }).click()
    await dialog.getByText('This is not JSON').waitFor()
    await field.fill(JSON.stringify({ ...before, refused_betas: ['no such flag'] }))
    await dialog.getByRole('button', { name: 'Save rules' }).click()
    await dialog.getByText('must be the name of a beta flag').waitFor()
    expect((await rules()).built_in).toBe(true)
    await field.fill(JSON.stringify({ ...before, refused_betas: ['fast-mode-2099-01-01'] }))
    await dialog.getByRole('button', { name: 'Save rules' }).click()
    await page.getByText('They were set by').waitFor()
    expect(await rules()).toMatchObject({ built_in: false, rules: { refused_betas: ['fast-mode-2099-01-01'] } })
    await page.getByRole('button', { name: 'Reset…' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Reset rules' }).click()
    await page.getByText('They are the built-in ones').waitFor()
    expect((await rules()).built_in).toBe(true)
  })
})

describe('routing of a team', () => {
  test('S-A13: the third endpoint is moved to the first place by keys, and 1, 2, 3 are stored', async () => {
    const { page } = now
    const [a, b, c] = [
      await make({ name: 'route a' }),
      await make({ name: 'route b' }),
      await make({ name: 'route c' }),
    ]
    const team = await makeTeam('Routed')
    await route(team, { endpoints: [a, b, c].map(({ id }, at) => ({ endpoint_id: id, priority: at + 1 })) })
    await enter(now, gateway, '/endpoints/teams')
    await page.getByRole('link', { name: 'Routing of Routed' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Routing of Routed' })
    const rows = dialog.getByRole('list', { name: 'Endpoints of the team' }).getByRole('listitem')
    await rows.nth(2).waitFor()
    await tabTo(page, 'Move route c up')
    await page.keyboard.press('Enter')
    await dialog.getByText('route c is 2 of 3').waitFor()
    // The focus went along with the row.
    await expect.poll(() => focused(page)).toBe('Move route c up')
    await page.keyboard.press('Alt+ArrowUp')
    await dialog.getByText('route c is 1 of 3').waitFor()
    await expect.poll(() => focused(page)).toBe('Move route c down')
    await tabTo(page, 'Save')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    expect(ranks(await routingOf(team))).toEqual([
      ['route c', 1],
      ['route a', 2],
      ['route b', 3],
    ])
  })

  test('S-A14: what could not be loaded cannot be saved over', async () => {
    const { page, context } = now
    const { id } = await make({ name: 'still assigned' })
    const team = await makeTeam('Unloaded')
    await route(team, { endpoints: [{ endpoint_id: id, priority: 1 }] })
    await enter(now, gateway, '/endpoints/teams')
    await page.getByRole('link', { name: 'Routing of Unloaded' }).waitFor()
    await context.setOffline(true)
    await page.getByRole('link', { name: 'Routing of Unloaded' }).click()
    const dialog = page.getByRole('dialog', { name: 'Routing of Unloaded' })
    await dialog.getByText('The routing could not be loaded').waitFor()
    expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
    await context.setOffline(false)
    await dialog.getByRole('button', { name: 'Try again' }).click()
    await dialog.getByRole('button', { name: 'Remove still assigned' }).waitFor()
    expect(ranks(await routingOf(team))).toEqual([['still assigned', 1]])
  })

  test('strategy, list and options are set in one step, and a shared rank stays shared', async () => {
    const { page } = now
    const [a, b] = [await make({ name: 'rank a' }), await make({ name: 'rank b' })]
    const team = await makeTeam('Ranked')
    await enter(now, gateway, `/endpoints/teams?team=${team}`)
    const dialog = page.getByRole('dialog', { name: 'Routing of Ranked' })
    await dialog.getByText('None: everything goes by the default endpoint').waitFor()
    await dialog.getByText('Round robin').click()
    for (const { id } of [a, b]) {
      await dialog.getByLabel('Add an endpoint').selectOption(id)
      await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    }
    await dialog.getByLabel('Same rank as the one above').check()
    await dialog.getByText('Bedrock options of the team').click()
    await dialog.getByLabel('Service tier').selectOption('flex')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page
      .getByRole('row')
      .filter({ hasText: 'Ranked' })
      .getByRole('cell', { name: 'Round robin', exact: true })
      .waitFor()
    const stored = await routingOf(team)
    expect(stored).toMatchObject({ routing_strategy: 'round_robin', bedrock: { service_tier: 'flex' } })
    expect(ranks(stored)).toEqual([
      ['rank a', 1],
      ['rank b', 1],
    ])
    // Opened and saved again, nothing of it is lost.
    await page.getByRole('link', { name: 'Routing of Ranked' }).click()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect({ ...(await routingOf(team)), rev: 0 }).toEqual({ ...stored, rev: 0 })
  })

  test('of two administrators the second sees the list of the first, and keeps their own choice', async () => {
    const { page } = now
    const { id } = await make({ name: 'theirs first' })
    const team = await makeTeam('Contested')
    await enter(now, gateway, `/endpoints/teams?team=${team}`)
    const dialog = page.getByRole('dialog', { name: 'Routing of Contested' })
    await dialog.getByText('Primary and fallback').click()
    await route(team, { endpoints: [{ endpoint_id: id, priority: 1 }] })
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('Somebody else changed this routing meanwhile').waitFor()
    expect(ranks(await routingOf(team))).toEqual([['theirs first', 1]])
    await dialog.getByRole('button', { name: 'Load theirs, keep what I changed' }).click()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    const stored = await routingOf(team)
    expect(stored.routing_strategy).toBe('primary_fallback')
    expect(ranks(stored)).toEqual([['theirs first', 1]])
  })
})

/** More than any dialog of ours has stops. */
const MOST_TABS = 80

async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < MOST_TABS; presses++) {
    if ((await focused(page)) === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${name} cannot be reached`)
}

const focused = (page: Page): Promise<string | undefined> =>
  page.evaluate<string | undefined>(
    'document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim()',
  )
