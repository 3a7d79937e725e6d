/** Draft, test, activate: a destination is told nothing before it has shown that it takes what it is told. */
import type { AuditEntry } from '../audit/audit-entry.ts'
import { judgeUrl } from '../http/outbound-url.ts'
import type { Person } from '../identity/caller.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { Seal } from '../secrets/seal.client.ts'
import type { AttemptLog } from './attempts.store.ts'
import {
  type Destination,
  type DestinationType,
  type EventCategory,
  isArnOf,
  maskedUrl,
  WEBHOOK_PURPOSE,
  type WebhookSecrets,
} from './destination.ts'
import type { Destinations, Slots } from './destinations.store.ts'
import type { EventType } from './event.ts'
import { payloadOf, sampleEvent } from './payload.ts'
import type { Sender, Sent } from './sender.client.ts'
import { SIGNING_SECRET_BYTES } from './signature.ts'

export interface DestinationTools {
  readonly destinations: Destinations
  readonly attempts: AttemptLog
  readonly sender: Sender
  readonly seal: Seal
  readonly newId: () => string
  readonly randomHex: (bytes: number) => string
  /** Of the deployment: hosts that may be asked wherever they are. */
  readonly allowedHosts: ReadonlySet<string>
}

/** On whose behalf, and when. */
export interface Request {
  readonly caller: Person
  readonly at: Instant
  readonly requestId: string
}

export interface DestinationWish {
  readonly type: DestinationType
  /** `undefined`: as it is. */
  readonly value: string | undefined
  readonly categories: readonly EventCategory[]
  readonly rotateSecret: boolean
  readonly rev: number | undefined
}

interface Decision<T> {
  /** Absent: nothing is to be changed. */
  readonly change?: Partial<Slots>
  readonly action: string
  /** Beside the destination that it is about. */
  readonly detail?: AuditEntry['detail']
  readonly about: Destination | null
  readonly result: T
}

/** Administrators are few: of those who change something at once, one gets through in each round. */
const MAX_TRIES = 5

/** @param decide From what there is; may throw a fault. It is asked again where that has changed in between. */
async function changeSlots<T>(
  request: Request,
  tools: DestinationTools,
  decide: (seen: Slots) => Decision<T> | Promise<Decision<T>>,
): Promise<T> {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const seen = await tools.destinations.load()
    const decision = await decide(seen)
    if (decision.change === undefined) return decision.result
    if (await tools.destinations.commit(seen, decision.change, auditOf(decision, request, tools)))
      return decision.result
  }
  throw new Fault('conflict', 'The destination is being changed at this moment; try again')
}

function auditOf<T>({ action, about, detail }: Decision<T>, request: Request, tools: DestinationTools): AuditEntry {
  const { caller, at, requestId } = request
  return {
    id: tools.newId(),
    at,
    requestId,
    actor: caller,
    action: `notifications.${action}`,
    target: `destination:${about?.id ?? 'none'}`,
    // The value is what may be shown; nothing sealed is among it.
    detail: { ...(about && { type: about.type, value: about.value, categories: about.categories }), ...detail },
  }
}

const wrongValue = (what: string): Fault => new Fault('invalid_request', `destination_value: ${what}`)

/** @throws Fault `conflict` where somebody has changed it since it was read. */
function refuseStale(draft: Destination | null, seen: number | undefined): void {
  if (seen !== undefined && seen !== (draft?.rev ?? 0)) {
    throw new Fault(
      'conflict',
      `rev: somebody else has changed the draft since it was read; its revision is ${draft?.rev ?? 0} now`,
    )
  }
}

export interface SavedDraft {
  readonly draft: Destination
  /** Where it is new; nobody is told again. */
  readonly signingSecret: string | null
}

/** A draft that is changed keeps its id, and is untested from then on. */
export async function saveDraft(wish: DestinationWish, request: Request, tools: DestinationTools): Promise<SavedDraft> {
  return changeSlots(request, tools, async (seen) => {
    refuseStale(seen.draft, wish.rev)
    const { signingSecret, ...where } = await placeOf(wish, seen, tools)
    const draft: Destination = {
      ...where,
      id: seen.draft?.id ?? tools.newId(),
      type: wish.type,
      categories: [...new Set(wish.categories)],
      rev: (seen.draft?.rev ?? 0) + 1,
      test: null,
      createdAt: seen.draft?.createdAt ?? request.at,
      updatedAt: request.at,
    }
    const detail = { new_secret: signingSecret !== null }
    return { change: { draft }, action: 'draft_saved', about: draft, detail, result: { draft, signingSecret } }
  })
}

type NewPlace = Pick<Destination, 'value' | 'sealed'> & Pick<SavedDraft, 'signingSecret'>

/**
 * What is not said anew is taken from the draft, else from the active destination, if that is of the same type. Of a webhook only a part
 * is shown: whoever sends that back means the one that it is shown of.
 */
function placeOf(
  wish: DestinationWish,
  { draft, active }: Slots,
  tools: DestinationTools,
): NewPlace | Promise<NewPlace> {
  const alike = [draft, active].filter((one) => one?.type === wish.type)
  const meant = alike.find((one) => one?.value === wish.value)
  const known = meant ?? alike[0] ?? null
  const value = meant === undefined ? wish.value : undefined
  if (wish.type === 'webhook') return webhookPlace(value, known, wish.rotateSecret, tools)
  const arn = value ?? known?.value
  if (arn === undefined || !isArnOf(wish.type, arn)) {
    throw wrongValue(wish.type === 'sns' ? 'Invalid SNS topic ARN format' : 'Invalid EventBridge event bus ARN format')
  }
  return { value: arn, sealed: null, signingSecret: null }
}

async function webhookPlace(
  value: string | undefined,
  known: Destination | null,
  rotate: boolean,
  { seal, randomHex, allowedHosts }: DestinationTools,
): Promise<NewPlace> {
  const before = known?.sealed
    ? (JSON.parse(await seal.open(known.sealed, WEBHOOK_PURPOSE)) as WebhookSecrets)
    : undefined
  const judged = judgeUrl(value ?? before?.url ?? '', allowedHosts)
  if (!judged.ok) {
    const scheme = judged.refusal === 'must start with https://' || value === undefined
    throw wrongValue(scheme ? 'Webhook URL must start with https://' : `Webhook URL ${judged.refusal}`)
  }
  const url = judged.url.href
  if (judged.url.pathname === new URL(maskedUrl(url)).pathname)
    throw wrongValue('Webhook URL is what is shown of one: enter the whole address')
  const kept = rotate ? undefined : before?.signingSecret
  const signingSecret = kept ?? `whsec_${randomHex(SIGNING_SECRET_BYTES)}`
  return {
    value: maskedUrl(url),
    sealed: await seal.seal(JSON.stringify({ url, signingSecret }), WEBHOOK_PURPOSE),
    signingSecret: kept === undefined ? signingSecret : null,
  }
}

export async function discardDraft(request: Request, tools: DestinationTools): Promise<boolean> {
  return changeSlots(request, tools, ({ draft }) => {
    const told = { action: 'draft_discarded', about: draft, result: draft !== null }
    return draft === null ? told : { ...told, change: { draft: null } }
  })
}

/** From now on events are dropped as they come. */
export async function deactivate(request: Request, tools: DestinationTools): Promise<boolean> {
  return changeSlots(request, tools, ({ active }) => {
    const told = { action: 'deactivated', about: active, result: active !== null }
    return active === null ? told : { ...told, change: { active: null } }
  })
}

export interface TestResult extends Sent {
  readonly rev: number
  /** False where the draft is another one by now. */
  readonly recorded: boolean
}

/** @throws Fault `invalid_request` where there is no draft, `conflict` where it is not the one that was seen. */
export async function testDraft(
  { rev, type }: { readonly rev: number | undefined; readonly type: EventType },
  request: Request,
  tools: DestinationTools,
): Promise<TestResult> {
  const { draft } = await tools.destinations.load()
  if (draft === null) throw new Fault('invalid_request', 'No draft config to test')
  refuseStale(draft, rev)
  const payload = payloadOf(sampleEvent(type, request.at))
  const id = tools.newId()
  const sent = await tools.sender.send(draft, { deliveryId: `test.${id}`, payload, at: request.at })
  await tools.attempts.note({
    id,
    eventId: null,
    destination: draft,
    eventType: 'test',
    payload: { ...payload },
    error: sent.error,
    durationMs: sent.durationMs,
    at: request.at,
  })
  return { ...sent, rev: draft.rev, recorded: await record(draft, sent, request, tools) }
}

/** The result is that of what was tested: a draft that has changed meanwhile stays untested. */
async function record(tested: Destination, sent: Sent, request: Request, tools: DestinationTools): Promise<boolean> {
  return changeSlots(request, tools, ({ draft }) => {
    if (draft === null || draft.id !== tested.id || draft.rev !== tested.rev)
      return { action: 'tested', about: tested, result: false }
    const test = { at: request.at, ok: sent.error === null, error: sent.error }
    const detail = { ok: test.ok }
    return { change: { draft: { ...draft, test } }, action: 'tested', about: draft, detail, result: true }
  })
}

/** @throws Fault `invalid_request` where there is nothing that has passed its test. */
export async function activateDraft(
  rev: number | undefined,
  request: Request,
  tools: DestinationTools,
): Promise<Destination> {
  return changeSlots(request, tools, ({ draft, active: before }) => {
    if (draft === null) throw new Fault('invalid_request', 'No draft config to activate')
    refuseStale(draft, rev)
    if (draft.test?.ok !== true) {
      throw new Fault(
        'invalid_request',
        'Draft must pass a test before activation. Use POST /admin/notifications/test first.',
      )
    }
    const active = { ...draft, updatedAt: request.at }
    const detail = { instead_of: before?.id ?? null }
    return { change: { active, draft: null }, action: 'activated', about: active, detail, result: active }
  })
}

/** @throws Fault `not_found` where nothing is active. */
export async function setCategories(
  categories: readonly EventCategory[],
  request: Request,
  tools: DestinationTools,
): Promise<void> {
  await changeSlots(request, tools, ({ active: before }) => {
    if (before === null) throw new Fault('not_found', 'No active notification config to update')
    const active = { ...before, categories: [...new Set(categories)], rev: before.rev + 1, updatedAt: request.at }
    return { change: { active }, action: 'categories_set', about: active, result: undefined }
  })
}
