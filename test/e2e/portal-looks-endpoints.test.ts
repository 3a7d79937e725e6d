/** The pages about endpoints and the routing of teams: accessible, nothing cut off, nothing foreign. */
import type { Page } from 'playwright-core'
import { FIRST_ENDPOINT_ID } from '../../lambdas/endpoints/endpoint.ts'
import { type Place, testLooks } from '../support/looks.ts'
import { gateway } from '../support/portal-stage.ts'

/** Ids by name. */
const made = new Map<string, string>()

const DENIED = 'arn:aws:iam::902817465530:role/ccag-claude'
const ROLE = 'arn:aws:iam::550183746621:role/ccag-gateway-bedrock'

/** Endpoints in every state and scope, overrides, teams of every strategy, names that are long. */
async function fill(): Promise<void> {
  gateway.sts?.defineRole({ arn: DENIED, denied: true })
  const post = async (path: string, body: object): Promise<string> => {
    const answer = await gateway.admin('POST', path, body)
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
    return ((await answer.json()) as { id: string }).id
  }
  const endpoint = async (wish: { readonly name: string; readonly [member: string]: unknown }): Promise<void> =>
    void made.set(wish.name, await post('/admin/endpoints', wish))
  await gateway.admin('PATCH', `/admin/endpoints/${FIRST_ENDPOINT_ID}`, { name: 'home' })
  await endpoint({
    name: 'us-overflow',
    region: 'us-west-2',
    routing_prefix: 'us',
    role_arn: ROLE,
    external_id: 'gw-7f3e5b1c9d2a4e6f8091a2b3c4d5e6f7',
    priority: 1,
    guardrail_id: 'gr4x8d2k',
    guardrail_version: '3',
    service_tier: 'priority',
  })
  await endpoint({ name: 'ap-sydney', region: 'ap-southeast-2', routing_prefix: 'au', role_arn: DENIED, priority: 3 })
  await gateway.tick('watch')
  await endpoint({ name: 'eu-prod', region: 'eu-west-1', routing_prefix: 'eu', priority: 2, upstream: 'messages' })
  await endpoint({
    name: 'global-burst for whatever nobody else has the capacity for, which is a long name',
    region: 'us-east-1',
    routing_prefix: 'global',
    priority: 9,
    enabled: false,
  })
  const profile = { model_id: 'claude-opus-5-5', reason: 'Tagged for the budget of the platform' }
  const arn = 'arn:aws:bedrock:us-east-1:000000000000:application-inference-profile/ab12cd34ef56'
  await post(`/admin/endpoints/${FIRST_ENDPOINT_ID}/aip-overrides`, { ...profile, aip_arn: arn })
  for (const [flag, supported] of [
    ['context-1m-2025-08-07', true],
    ['fine-grained-tool-streaming-2025-05-14', false],
  ]) {
    const said = { endpoint_id: FIRST_ENDPOINT_ID, profile_id: 'global.anthropic.claude-opus-5-5' }
    await post('/admin/beta-overrides', { ...said, beta_name: flag, supported })
  }
  const ids = [FIRST_ENDPOINT_ID, made.get('us-overflow'), made.get('ap-sydney')]
  for (const [name, strategy, count] of [
    ['Platform', 'sticky_user', 3],
    ['Mobile', 'primary_fallback', 2],
    ['Data science, with a name that goes on and on for longer than anybody would like', 'round_robin', 1],
    ['Finance', 'sticky_user', 0],
  ] as const) {
    const id = await post('/admin/teams', { name })
    made.set(name, id)
    await gateway.admin('PUT', `/admin/teams/${id}/endpoints`, {
      routing_strategy: strategy,
      endpoints: ids.slice(0, count).map((endpoint_id, at) => ({ endpoint_id, priority: Math.max(1, at) })),
    })
  }
}

const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name })
const open = (name: string) => async (page: Page) => {
  await row(page, 'ap-sydney').getByText('Unhealthy').waitFor()
  await page.getByRole('link', { name, exact: true }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
  await page.getByRole('heading', { name: 'Beta flags' }).waitFor()
}

const PLACES: readonly Place[] = [
  {
    name: 'endpoints',
    path: '/endpoints',
    ready: async (page) => await row(page, 'ap-sydney').getByText('Unhealthy').waitFor(),
  },
  {
    name: 'endpoints-none',
    path: '/endpoints?q=nowhere',
    ready: async (page) => await page.getByText('No endpoint matches').waitFor(),
  },
  {
    name: 'endpoints-how',
    path: '/endpoints',
    ready: async (page) => {
      await page.getByText('How endpoints work').click()
      await page.getByText('Routing target').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'endpoints-rules',
    path: '/endpoints',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Edit…' }).click()
      await page.getByLabel('Rules as JSON').fill('{ "accepted_betas": [')
      await page.getByRole('button', { name: 'Save rules' }).click()
      await page.getByText('This is not JSON').waitFor()
    },
  },
  {
    name: 'endpoints-create',
    path: '/endpoints?create=true',
    ready: async (page) => await page.getByRole('dialog', { name: 'Add endpoint' }).waitFor(),
  },
  {
    name: 'endpoints-create-refused',
    path: '/endpoints?create=true',
    ready: async (page) => {
      const form = page.getByRole('dialog', { name: 'Add endpoint' })
      await form.getByText('Assume a role').click()
      await form.getByRole('button', { name: 'Add endpoint' }).click()
      await form.getByText('Enter the ARN of the role').waitFor()
    },
  },
  {
    name: 'endpoints-create-tested',
    path: '/endpoints?create=true',
    ready: async (page) => {
      const form = page.getByRole('dialog', { name: 'Add endpoint' })
      await form.getByText('Assume a role').click()
      await form.getByLabel('Role ARN').fill(DENIED)
      await form.getByRole('button', { name: 'Test before saving' }).click()
      await form.getByText('Requests cannot be served by it yet').waitFor()
    },
  },
  {
    name: 'endpoints-policies',
    path: '/endpoints?create=true',
    ready: async (page) => {
      const form = page.getByRole('dialog', { name: 'Add endpoint' })
      await form.getByText('Assume a role').click()
      await form.getByText('Policies for the role').click()
      await form.getByText('Bedrock options').click()
      await form.getByRole('figure', { name: 'Permission policy' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'endpoints-delete',
    path: '/endpoints',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Actions for us-overflow' }).click()
      await page.getByRole('menuitem', { name: 'Delete…' }).click()
      await page.getByRole('alertdialog').waitFor()
    },
  },
  {
    name: 'endpoint',
    path: `/endpoints/${FIRST_ENDPOINT_ID}`,
    ready: async (page) => {
      await row(page, 'Opus 5.5').getByText('6M').waitFor()
      await page.getByRole('rowheader', { name: 'context-1m-2025-08-07' }).waitFor()
    },
  },
  {
    name: 'endpoint-tested',
    path: `/endpoints/${FIRST_ENDPOINT_ID}?test=true`,
    ready: async (page) => await page.getByText('Requests can be served by it').waitFor(),
  },
  { name: 'endpoint-down', path: '/endpoints', ready: open('ap-sydney') },
  {
    name: 'endpoint-edit',
    path: '/endpoints',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Actions for us-overflow' }).click()
      await page.getByRole('menuitem', { name: 'Edit…' }).click()
      await page.getByRole('dialog', { name: 'Edit us-overflow' }).waitFor()
    },
  },
  {
    name: 'endpoint-profile',
    path: `/endpoints/${FIRST_ENDPOINT_ID}`,
    ready: async (page) => {
      await page.getByRole('button', { name: 'Add profile' }).click()
      const dialog = page.getByRole('dialog', { name: 'Add application inference profile' })
      await dialog.getByRole('combobox', { name: 'Model' }).fill('claude-opus-5-5-20260922')
      await dialog
        .getByLabel('Profile ARN')
        .fill('arn:aws:bedrock:us-east-1:000000000000:application-inference-profile/x')
      await dialog.getByRole('button', { name: 'Add profile' }).click()
      await dialog.getByRole('button', { name: 'Replace it' }).waitFor()
    },
  },
  {
    name: 'endpoint-beta',
    path: `/endpoints/${FIRST_ENDPOINT_ID}`,
    ready: async (page) => {
      await row(page, 'Opus 5.5').getByText('6M').waitFor()
      await page.getByRole('button', { name: 'Add flag' }).click()
      await page.getByRole('combobox', { name: 'Inference profile' }).fill('opus')
      await page.getByRole('option').first().waitFor()
    },
  },
  {
    name: 'routing',
    path: '/endpoints/teams',
    ready: async (page) => await page.getByRole('rowheader').first().waitFor(),
  },
  {
    name: 'routing-team',
    path: '/endpoints/teams',
    ready: async (page) => {
      await page.getByRole('link', { name: 'Routing of Platform' }).click()
      await page.getByRole('list', { name: 'Endpoints of the team' }).waitFor()
    },
  },
  {
    name: 'endpoints-palette',
    path: '/endpoints',
    ready: async (page) => {
      await row(page, 'ap-sydney').getByText('Unhealthy').waitFor()
      await page.keyboard.press('Control+k')
      await page.getByRole('searchbox', { name: 'Search' }).fill('us-')
      await page.getByRole('option', { name: 'Test us-overflow' }).waitFor()
    },
  },
]

testLooks(PLACES, fill)
