/** The control plane's tools, wired once per cold start. */
import type * as z from 'zod/mini'
import type { BudgetTools } from '../../budgets/budgets.routes.ts'
import { budgetOperations } from '../../budgets/budgets.routes.ts'
import { openBudgets } from '../../budgets/set-budgets.store.ts'
import { openSpending } from '../../budgets/spending.store.ts'
import { openBudgetSubjects } from '../../budgets/subjects.store.ts'
import { QUOTAS_KEPT_MS } from '../../endpoints/ask-aws.flow.ts'
import { bedrockOperations } from '../../endpoints/bedrock.routes.ts'
import { openConfiguration } from '../../endpoints/configuration.store.ts'
import { type AwsIdentity, openEndpointCredentials } from '../../endpoints/credentials.client.ts'
import type { CredentialsFor } from '../../endpoints/credentials-for.ts'
import { endpointOperations, type Home } from '../../endpoints/endpoints.routes.ts'
import { openEndpointFigures } from '../../endpoints/figures.store.ts'
import { FIGURES_KEPT_MS, type Figures } from '../../endpoints/health-status.flow.ts'
import { keepAnswers } from '../../endpoints/kept-answers.flow.ts'
import { overrideOperations } from '../../endpoints/overrides.routes.ts'
import { openProfileListing } from '../../endpoints/profiles.client.ts'
import { openQuotaListing, type ServiceQuota } from '../../endpoints/quotas.client.ts'
import { firstEndpoint } from '../../endpoints/read-routing.ts'
import { teamEndpointOperations } from '../../endpoints/team-endpoints.routes.ts'
import { type OutboundSettings, openOutbound } from '../../http/outbound.client.ts'
import { allowedHostsOf } from '../../http/outbound-url.ts'
import { openAdminLogin } from '../../identity/admin-login.client.ts'
import { authOperations } from '../../identity/auth.routes.ts'
import { openCursorKey } from '../../identity/cursor-key.client.ts'
import { openOrigin } from '../../identity/origin.client.ts'
import type { Secrets } from '../../identity/secrets.client.ts'
import { openSessionTokens } from '../../identity/session-tokens.client.ts'
import { openSessions } from '../../identity/sessions.store.ts'
import { openSignInAttempts, type SignInAttempts } from '../../identity/sign-in-attempts.store.ts'
import { openKeyChanges } from '../../keys/key-changes.store.ts'
import { keyOperations } from '../../keys/keys.routes.ts'
import { openKeys } from '../../keys/keys.store.ts'
import { openAttemptLog, openAttemptReader } from '../../notifications/attempts.store.ts'
import { openCircuitReset } from '../../notifications/circuit.store.ts'
import { openDestinations } from '../../notifications/destinations.store.ts'
import { openEventList } from '../../notifications/events-list.store.ts'
import { notificationOperations } from '../../notifications/notifications.routes.ts'
import { recentBudgetEvents } from '../../notifications/recent-events.flow.ts'
import { openEventRetries } from '../../notifications/retries.store.ts'
import { openSender } from '../../notifications/sender.client.ts'
import { openAccounts } from '../../people/accounts.store.ts'
import type { UserDeletionTools } from '../../people/delete-user.flow.ts'
import { openDirectory } from '../../people/directory.store.ts'
import type { UserListTools } from '../../people/list-users.flow.ts'
import { type MemberTools, memberOperations } from '../../people/members.routes.ts'
import { openTeamChanges } from '../../people/team-changes.store.ts'
import { teamOperations } from '../../people/teams.routes.ts'
import { openTeams } from '../../people/teams.store.ts'
import { BOOTSTRAP_ADMIN_ID } from '../../people/user.ts'
import { openUserFigures } from '../../people/user-figures.store.ts'
import { userOperations } from '../../people/users.routes.ts'
import { openUsers } from '../../people/users.store.ts'
import { configuredUrlOf } from '../../platform/aws-environment.host.ts'
import { monotonicMs, newId, newRequestId, now, randomHex } from '../../platform/clock.host.ts'
import { jsonLog } from '../../platform/log.host.ts'
import type { Log } from '../../platform/log.ts'
import { sleep, systemTimers } from '../../platform/timer.host.ts'
import { VERSION } from '../../platform/version.ts'
import { openPriceList } from '../../pricing/price-list.client.ts'
import { MOST_PRICES_AT_ONCE, openPriceWrites } from '../../pricing/price-writes.store.ts'
import { openPrices } from '../../pricing/prices.store.ts'
import { pricingOperations } from '../../pricing/pricing.routes.ts'
import { UNPRICED_KEPT_MS, type UnpricedModel } from '../../pricing/unpriced-models.flow.ts'
import { openSeal, type Seal } from '../../secrets/seal.client.ts'
import { setupOperations } from '../../setup/setup.routes.ts'
import { openSetupTokens } from '../../setup/setup-tokens.store.ts'
import { analyticsOperations } from '../../spend/analytics.routes.ts'
import { openAnalytics } from '../../spend/analytics.store.ts'
import { openFirstHours } from '../../spend/first-hours.store.ts'
import { openFirstRequest } from '../../spend/first-request.store.ts'
import { openHourItems } from '../../spend/hour-items.store.ts'
import { openHourPacks } from '../../spend/hour-packs.store.ts'
import { openKeyUsage } from '../../spend/key-usage.store.ts'
import { orgAnalyticsOperations } from '../../spend/org-analytics.routes.ts'
import { openOrgNames } from '../../spend/org-names.store.ts'
import { openRequestPages } from '../../spend/request-pages.store.ts'
import type { Documents } from '../../table/document.store.ts'
import type { Waiting } from '../../table/transaction.store.ts'
import type { OwnSearchTools } from '../../web/own-searches.flow.ts'
import { openWebSearch } from '../../web/search.client.ts'
import { openSearchSettings, type SearchSettingsStore } from '../../web/search-settings.store.ts'
import { webSearchOperations } from '../../web/web-search.routes.ts'
import type { ControlServices } from './app.ts'
import type { ControlEnv } from './env.ts'
import { selfOperations } from './self.ts'
import { settingsOperations } from './settings.ts'

/** The other ends that this function speaks to. */
export interface Connections {
  readonly documents: Documents
  readonly secrets: Secrets
  readonly log?: Log
  /** Where tests have AWS's services; otherwise the SDK knows. */
  readonly aws?: {
    readonly bedrock: string
    readonly serviceQuotas: string
    readonly pricing: string
    readonly sts: string
    readonly kms: string
    readonly sns: string
    readonly eventBridge: string
    readonly credentials: AwsIdentity
  }
}

export function controlServices(env: z.output<typeof ControlEnv>, connections: Connections): ControlServices {
  const { documents, secrets, log = jsonLog() } = connections
  const tables = { core: env.CORE_TABLE, events: env.EVENTS_TABLE, ephemeral: env.EPHEMERAL_TABLE }
  const waiting: Waiting = { sleep, chance: () => Math.random() }
  const users = openUsers(documents, tables.core)
  const keys = openKeys(documents, tables, waiting)
  const sessions = openSessions(documents, tables, waiting)
  const directory = openDirectory(documents, tables.core)
  const attempts = openSignInAttempts(documents, env.EPHEMERAL_TABLE)
  const cursorKey = openCursorKey(secrets, env.SESSION_SECRET_ARN)
  const subjects = openBudgetSubjects(documents, tables.core)
  const usage = openKeyUsage(documents, env.USAGE_TABLE)
  const tokens = openSessionTokens(secrets, env.SESSION_SECRET_ARN)
  const searchSettings = openSearchSettings(documents, tables, waiting)
  const seal = openSealing(env, connections)
  return {
    origin: openOrigin(secrets, env.ORIGIN_SECRET_ARN),
    authentication: { tokens, sessions, keys, users },
    operations: [
      ...authOperations({
        attempts,
        adminLogin: openAdminLogin(secrets, env.ADMIN_SECRET_ARN),
        users,
        sessions,
        tokens,
        newId,
        directory,
        firstRequest: openFirstRequest(documents, env.USAGE_TABLE),
        searchSettings,
        version: VERSION,
        baseUrl: env.MESSAGES_URL,
      }),
      ...keyOperations({
        keys,
        keyChanges: openKeyChanges(documents, { ...tables, usage: env.USAGE_TABLE }, waiting),
        users,
        newId,
        randomHex,
        directory,
        usage,
        cursorKey,
      }),
      ...setupOperations({
        searchSettings,
        setupTokens: openSetupTokens(documents, tables, waiting),
        keys,
        usage,
        attempts,
        newId,
        randomHex,
        baseUrl: env.MESSAGES_URL,
      }),
      ...routingOperations(env, connections, waiting, log),
      ...notifying(env, connections, waiting, seal),
      ...searching(env, documents, { attempts, settings: searchSettings, seal, users }),
      ...settingsOperations(searchSettings),
      ...priceOperations(env, connections, waiting),
      ...peopleOperations(env, documents, waiting, { keys, sessions, directory, usage, budgets: subjects, cursorKey }),
      ...moneyOperations(env, documents, waiting, { subjects, cursorKey }),
      ...selfOperations(() => users.find(BOOTSTRAP_ADMIN_ID), log),
    ],
    log,
    newRequestId,
  }
}

function moneyOperations(
  env: z.output<typeof ControlEnv>,
  documents: Documents,
  waiting: Waiting,
  shared: Pick<BudgetTools, 'subjects' | 'cursorKey'>,
): ControlServices['operations'] {
  const tables = { core: env.CORE_TABLE, events: env.EVENTS_TABLE }
  const analytics = openAnalytics(documents, env.USAGE_TABLE)
  const spending = openSpending(documents, env.USAGE_TABLE)
  const events = openEventList(documents, env.EVENTS_TABLE)
  return [
    ...budgetOperations({
      ...shared,
      budgets: openBudgets(documents, tables, waiting),
      spending,
      hours: analytics,
      recentEvents: (userId) => recentBudgetEvents(userId, now(), events),
      newId,
    }),
    ...analyticsOperations(analytics),
    ...orgAnalyticsOperations({
      ...orgTools(env, documents),
      subjects: shared.subjects,
      spending,
      figures: openUserFigures(documents, env.USAGE_TABLE),
      team: openTeams(documents, tables, waiting),
    }),
  ]
}

function peopleOperations(
  env: z.output<typeof ControlEnv>,
  documents: Documents,
  waiting: Waiting,
  shared: Pick<
    MemberTools & UserDeletionTools & UserListTools,
    'keys' | 'sessions' | 'directory' | 'usage' | 'budgets' | 'cursorKey'
  >,
): ControlServices['operations'] {
  const tables = { core: env.CORE_TABLE, events: env.EVENTS_TABLE }
  const tools = {
    ...shared,
    accounts: openAccounts(documents, tables, waiting),
    teams: openTeams(documents, tables, waiting),
    teamChanges: openTeamChanges(documents, tables, waiting),
    figures: openUserFigures(documents, env.USAGE_TABLE),
    newId,
    sleep,
  }
  return [...teamOperations(tools), ...userOperations(tools), ...memberOperations(tools)]
}

const hoursIn = ({ USAGE_TABLE }: z.output<typeof ControlEnv>, documents: Documents) => ({
  items: openHourItems(documents, USAGE_TABLE),
  packs: openHourPacks(documents, USAGE_TABLE),
})

function orgTools(env: z.output<typeof ControlEnv>, documents: Documents) {
  const usageTable = env.USAGE_TABLE
  return {
    names: openOrgNames(documents, env.CORE_TABLE, {
      region: env.AWS_REGION,
      routingPrefix: env.INFERENCE_PROFILE_PREFIX,
    }),
    hours: hoursIn(env, documents),
    firstHours: openFirstHours(documents, usageTable),
    pages: openRequestPages(documents, usageTable),
  }
}

/** An administrator asks for the gateway, not for a team or a person. */
const NOBODY = { teamId: null, identity: null }

function routingOperations(
  env: z.output<typeof ControlEnv>,
  { documents, aws }: Connections,
  waiting: Waiting,
  log: Log,
): ControlServices['operations'] {
  const home: Home = {
    region: env.AWS_REGION,
    routingPrefix: env.INFERENCE_PROFILE_PREFIX,
    accountId: env.ACCOUNT_ID,
    roleNames: env.ENDPOINT_ROLE_NAMES,
  }
  const tables = { core: env.CORE_TABLE, events: env.EVENTS_TABLE }
  const client = aws && { endpoint: aws.sts, credentials: aws.credentials }
  const roles = openEndpointCredentials({ now, ...(client && { client }) })
  const credentialsFor: CredentialsFor = ({ roleArn, ...place }) =>
    roleArn === null ? aws && (async () => aws.credentials) : () => roles.of({ ...place, roleArn }, NOBODY)
  const tools = {
    configuration: openConfiguration(documents, tables, home, { ...waiting, newId }),
    newId,
    log,
    credentialsFor,
    listing: openProfileListing(credentialsFor, aws && { endpoint: aws.bedrock }),
    quotaListing: openQuotaListing(credentialsFor, aws && { endpoint: aws.serviceQuotas }),
    keptQuotas: keepAnswers<readonly ServiceQuota[]>(QUOTAS_KEPT_MS),
    figures: openEndpointFigures(documents, { usage: env.USAGE_TABLE, ephemeral: env.EPHEMERAL_TABLE }),
    keptFigures: keepAnswers<Figures>(FIGURES_KEPT_MS),
    version: VERSION,
  }
  return [
    ...endpointOperations(tools, home),
    ...overrideOperations(tools),
    ...bedrockOperations(tools, firstEndpoint(home)),
    ...teamEndpointOperations(tools),
  ]
}

function priceOperations(
  env: z.output<typeof ControlEnv>,
  { documents, aws }: Connections,
  waiting: Waiting,
): ControlServices['operations'] {
  const tables = { core: env.CORE_TABLE, events: env.EVENTS_TABLE }
  return pricingOperations({
    prices: openPrices(documents, env.CORE_TABLE),
    writes: openPriceWrites(documents, tables, { ...waiting, newId }),
    priceList: openPriceList({
      region: env.AWS_REGION,
      endpoint: aws?.pricing ?? configuredUrlOf('PRICING'),
      ...(aws && { credentials: aws.credentials }),
    }),
    hours: hoursIn(env, documents),
    keptUnpriced: keepAnswers<readonly UnpricedModel[]>(UNPRICED_KEPT_MS),
    newId,
    mostAtOnce: MOST_PRICES_AT_ONCE,
  })
}

/** One for all, since it remembers what it has opened. */
const openSealing = (env: z.output<typeof ControlEnv>, { aws }: Connections): Seal =>
  openSeal(env.SEALING_KEY_ARN, aws && { endpoint: aws.kms, region: env.AWS_REGION, credentials: aws.credentials })

const outsideOf = (env: z.output<typeof ControlEnv>): OutboundSettings => ({
  allowedHosts: env.OUTBOUND_ALLOWED_HOSTS,
  extraCa: env.OUTBOUND_EXTRA_CA,
})

function searching(
  env: z.output<typeof ControlEnv>,
  documents: Documents,
  shared: Pick<OwnSearchTools, 'users'> & {
    readonly attempts: SignInAttempts
    readonly settings: SearchSettingsStore
    readonly seal: Seal
  },
): ControlServices['operations'] {
  const outside = outsideOf(env)
  const outbound = openOutbound(outside, { timers: systemTimers })
  return webSearchOperations({
    ...shared,
    figures: openUserFigures(documents, env.USAGE_TABLE),
    // One for each test, which would else be told what the test before it has found.
    search: {
      search: (...asked) => openWebSearch({}, { outbound, timers: systemTimers, nowMs: now }).search(...asked),
    },
    newId,
    elapsedMs: monotonicMs,
    allowedHosts: allowedHostsOf(outside),
  })
}

function notifying(
  env: z.output<typeof ControlEnv>,
  { documents, secrets, aws }: Connections,
  waiting: Waiting,
  seal: Seal,
): ControlServices['operations'] {
  const tables = { core: env.CORE_TABLE, events: env.EVENTS_TABLE }
  const outside = outsideOf(env)
  const tools = {
    destinations: openDestinations(documents, tables, waiting),
    attempts: openAttemptLog(documents, env.EVENTS_TABLE),
    attemptReader: openAttemptReader(documents, env.EVENTS_TABLE),
    circuitReset: openCircuitReset(documents, env.EVENTS_TABLE),
    events: openEventList(documents, env.EVENTS_TABLE),
    retries: openEventRetries(documents, env.EVENTS_TABLE),
    sender: openSender({
      outbound: openOutbound(outside, { timers: systemTimers }),
      seal,
      elapsedMs: monotonicMs,
      version: VERSION,
      ...(aws && { aws }),
    }),
    seal,
    newId,
    randomHex,
    allowedHosts: allowedHostsOf(outside),
    cursorKey: openCursorKey(secrets, env.SESSION_SECRET_ARN),
  }
  const roleArns = env.PUBLISHER_ROLE_ARNS.split(',')
  return notificationOperations(tools, { roleArns, region: env.AWS_REGION, accountId: env.ACCOUNT_ID })
}
