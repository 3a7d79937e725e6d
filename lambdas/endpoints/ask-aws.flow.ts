/** What administrators ask AWS about an endpoint: its models, its quotas, and whether it would work at all. */

import { nameOfBedrockId } from '../models/model-names.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import { type AwsRefusal, adviceFor, readRefusal } from './aws-refusal.ts'
import { type ConfigurationTools, changeConfiguration } from './change-configuration.flow.ts'
import type { AipOverride, ConfiguredEndpoint } from './configuration.ts'
import { aipOverrideItem, modelsItem } from './configuration-items.ts'
import type { CredentialsFor } from './credentials-for.ts'
import type { Endpoint } from './endpoint.ts'
import type { KeptAnswers } from './kept-answers.flow.ts'
import { sameProfiles } from './offered-models.ts'
import { modelOfProfile } from './profile-model.flow.ts'
import type { ListedProfile, ProfileListing } from './profiles.client.ts'
import type { QuotaListing, ServiceQuota } from './quotas.client.ts'

export interface AwsTools extends ConfigurationTools {
  readonly credentialsFor: CredentialsFor
  readonly listing: ProfileListing
  readonly quotaListing: QuotaListing
  readonly keptQuotas: KeptAnswers<readonly ServiceQuota[]>
}

/** A profile with Anthropic's name of its model; `null` for what is not Claude. */
export interface NamedProfile extends ListedProfile {
  readonly model: string | null
}

/** Those of the endpoint's scope. @throws what AWS says */
async function profilesOf(endpoint: Endpoint, listing: ProfileListing): Promise<NamedProfile[]> {
  const profiles = await listing.profiles(endpoint)
  return profiles
    .filter(({ id }) => id.startsWith(`${endpoint.routingPrefix}.`))
    .map((profile) => ({ ...profile, model: nameOfBedrockId(profile.id) }))
}

/** @throws Fault `upstream_failed` with AWS's own words */
export async function listModels(endpoint: Endpoint, tools: AwsTools): Promise<readonly NamedProfile[]> {
  try {
    return await profilesOf(endpoint, tools.listing)
  } catch (thrown) {
    const { detail } = readRefusal(thrown)
    throw new Fault('upstream_failed', `Failed to list inference profiles: ${detail}`, { cause: thrown })
  }
}

/**
 * What was found is remembered, so that a new endpoint need not wait for the next look of `watch`; and a profile of the old kind
 * becomes an override where there is none yet.
 */
export async function remember(
  endpoint: ConfiguredEndpoint,
  found: readonly NamedProfile[],
  at: Instant,
  tools: AwsTools,
): Promise<void> {
  const profiles = found.filter(({ status }) => status === 'ACTIVE').map(({ id }) => id)
  const override = await overrideOfLegacy(endpoint, at, tools)
  await changeConfiguration(tools, (seen) => {
    const now = seen.endpoints.find(({ id }) => id === endpoint.id)
    // It was moved or deleted meanwhile: what was found is not true of it any more.
    if (now === undefined || now.rev !== endpoint.rev) return { result: undefined }
    const puts = [
      ...(sameProfiles(now.profiles, profiles) ? [] : [modelsItem(endpoint.id, profiles, at)]),
      ...(override !== null && now.aipOverrides.length === 0 ? [aipOverrideItem(endpoint.id, override)] : []),
    ]
    return puts.length === 0 ? { result: undefined } : { change: { at, puts, audit: null }, result: undefined }
  })
}

/** A profile that cannot be looked up now is looked up the next time. */
async function overrideOfLegacy(
  endpoint: ConfiguredEndpoint,
  at: Instant,
  { listing }: AwsTools,
): Promise<AipOverride | null> {
  const arn = endpoint.legacyProfileArn
  if (arn === null || endpoint.aipOverrides.length > 0) return null
  try {
    const model = await modelOfProfile(endpoint, arn, listing)
    return { model, arn, setAt: at, setBy: 'auto-migration', reason: 'migrated from inference_profile_arn' }
  } catch {
    return null
  }
}

export type QuotaAnswer =
  | { readonly quotas: readonly ServiceQuota[] }
  | { readonly refusal: { readonly message: string; readonly detail: string } }

/** Quotas change by a ticket, so five minutes are soon enough; AWS answers this question slowly and not often. */
export const QUOTAS_KEPT_MS = 5 * 60_000

const QUOTA_PERMISSION = 'servicequotas:ListServiceQuotas'

/** A refusal is an answer here: it stands where the numbers would. */
export async function readQuotas(endpoint: Endpoint, at: Instant, tools: AwsTools): Promise<QuotaAnswer> {
  const ask = () => tools.quotaListing.quotas(endpoint)
  try {
    return { quotas: await tools.keptQuotas(`${endpoint.id}#${endpoint.rev}`, at, ask) }
  } catch (thrown) {
    const refusal = readRefusal(thrown)
    const message = adviceFor(refusal, QUOTA_PERMISSION, 'Service Quotas', endpoint)
    return { refusal: { message, detail: refusal.detail } }
  }
}

export interface Check {
  readonly check: 'credentials' | 'profiles' | 'models' | 'quotas'
  readonly required: boolean
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly permission: string | null
  readonly message: string
  readonly detail: string | null
}

export interface TestResult {
  readonly checks: readonly Check[]
  readonly profiles: readonly NamedProfile[]
}

/** Each thing that serving needs, in the order in which one stands on the other. */
export async function testEndpoint(endpoint: Endpoint, at: Instant, tools: AwsTools): Promise<TestResult> {
  const credentials = await tried({ check: 'credentials', required: true, permission: 'sts:AssumeRole' }, endpoint, {
    service: 'STS',
    ask: async () => void (await tools.credentialsFor(endpoint)?.()),
    words: () => (endpoint.roleArn === null ? "The gateway's own account is used." : 'The role can be assumed.'),
  })
  const listing: Listing = { check: 'profiles', required: true, permission: 'bedrock:ListInferenceProfiles' }
  const counting: Listing = { check: 'quotas', required: false, permission: QUOTA_PERMISSION }
  if (credentials.line.status === 'failed') {
    return { checks: [credentials.line, skipped(listing), skipped(MODELS), skipped(counting)], profiles: [] }
  }
  const profiles = await tried(listing, endpoint, {
    service: 'Bedrock',
    ask: () => profilesOf(endpoint, tools.listing),
    words: () => 'Inference profiles can be listed.',
  })
  const quotas = await tried(counting, endpoint, {
    service: 'Service Quotas',
    ask: () => tools.keptQuotas(`${endpoint.id}#${endpoint.rev}`, at, () => tools.quotaListing.quotas(endpoint)),
    words: (found) => `${found.length} quotas for Claude can be read.`,
  })
  const models = profiles.value === undefined ? skipped(MODELS) : modelsCheck(endpoint, profiles.value)
  return { checks: [credentials.line, profiles.line, models, quotas.line], profiles: profiles.value ?? [] }
}

type Listing = Pick<Check, 'check' | 'required' | 'permission'>

const MODELS: Listing = { check: 'models', required: true, permission: null }

const skipped = (listing: Listing): Check => ({
  ...listing,
  status: 'skipped',
  message: 'Not tried, because a check before it has failed.',
  detail: null,
})

interface Attempt<T> {
  readonly service: string
  readonly ask: () => Promise<T>
  readonly words: (found: T) => string
}

async function tried<T>(
  listing: Listing,
  endpoint: Endpoint,
  { service, ask, words }: Attempt<T>,
): Promise<{ readonly line: Check; readonly value: T | undefined }> {
  try {
    const value = await ask()
    return { line: { ...listing, status: 'passed', message: words(value), detail: null }, value }
  } catch (thrown) {
    const refusal: AwsRefusal = readRefusal(thrown)
    const message = adviceFor(refusal, listing.permission ?? '', service, endpoint)
    return { line: { ...listing, status: 'failed', message, detail: refusal.detail }, value: undefined }
  }
}

function modelsCheck({ region, routingPrefix }: Endpoint, profiles: readonly NamedProfile[]): Check {
  const count = profiles.filter(({ model, status }) => model !== null && status === 'ACTIVE').length
  const message =
    count === 0
      ? `No inference profile for Claude of the scope ${routingPrefix} is offered in ${region}. Choose another scope or region.`
      : `${count} Claude inference profiles of the scope ${routingPrefix} are offered in ${region}.`
  return { ...MODELS, status: count === 0 ? 'failed' : 'passed', message, detail: null }
}
