/**
 * May they, now? The request is written down and counted while its allowance is read, and judged by what was read. Who is refused is
 * told why, and leaves a row without a cost; nobody's minute is filled by it. Where a budget is nearly used up, the request holds its share.
 */
import { admit, type Pace, type Refusal, standingsOf } from '../admission/admit.ts'
import type { AllowanceStore } from '../admission/allowance.store.ts'
import type { Allowance, Payer } from '../admission/allowance.ts'
import type { Credential } from '../admission/credential.ts'
import { NO_USE, negative, type WindowUse } from '../admission/rate-window.ts'
import type { RateWindows } from '../admission/rate-windows.store.ts'
import { refusalOf } from '../admission/refusal.ts'
import { decisive, type Standing } from '../budgets/standing.ts'
import { Fault } from '../platform/fault.ts'
import { addMs, type Instant } from '../platform/instant.ts'
import type { OpenedRequest, RequestEnd } from '../spend/request-record.ts'
import { NO_USAGE, type Usage } from '../spend/usage.ts'
import type { PacedSubject } from '../table/ephemeral-keys.ts'
import { correctMinutes, tellCrossed } from './after-settlement.flow.ts'
import { budgetHeaders, isGatewayProvider, unifiedHeaders } from './budget-headers.ts'
import { holdShare } from './hold-share.flow.ts'
import { identify } from './identify.flow.ts'
import { likelyUsage, pacedTokens } from './likely-usage.ts'
import type { MessageRequest } from './message-request.ts'
import type { Accounts, Incoming } from './serve-message.flow.ts'
import type { EventTeller } from './tell-events.flow.ts'

export interface AdmissionTools {
  readonly allowances: AllowanceStore
  readonly windows: RateWindows
  readonly accounts: Accounts
  readonly events: EventTeller
}

/** What is to be admitted. */
export interface Applicant {
  readonly credential: Credential
  readonly incoming: Incoming
  readonly asked: MessageRequest
  /** Anthropic's undated name, or what the client wrote where there is none. */
  readonly model: string
  /** Of the model, that it may take. */
  readonly turns: number
  readonly recordOf: (payer: Payer) => OpenedRequest
}

/** A request that Bedrock may hear of. */
export interface Admitted {
  readonly allowance: Allowance
  readonly request: OpenedRequest
  /** Ends it in the books at no cost. @returns what was given, to be thrown. */
  refuse(why: unknown, reason: string): unknown
  /** Ends it in the books, which never fails, and notes what follows from it, which may. @param as With what was learnt of its way. */
  settle(end: RequestEnd, as: OpenedRequest): Promise<void>
}

/** @throws Fault */
export async function admitRequest(applicant: Applicant, tools: AdmissionTools): Promise<Admitted> {
  const { credential, incoming, asked, model, turns, recordOf } = applicant
  const { arrivedAt: at, headers } = incoming
  const { accounts, windows } = tools
  const likely = likelyOf(applicant)
  const minutes = countingOf(incoming, likely, windows)
  const beside = {
    write: (payer: Payer) => accounts.open(recordOf(payer)),
    takeBack: (payer: Payer) => incoming.waitUntil(accounts.withdraw(recordOf(payer))),
    ...minutes,
  }
  const affinity = { session: asked.sessionId ?? '', model }
  const { allowance, payer, paced } = await identify(
    credential,
    tools.allowances,
    { at, spending: true, affinity },
    beside,
  )
  const subjects = paced.map(({ subject }) => subject)
  const pace: Pace = { now: new Map(paced.map(({ subject, now }) => [subject.kind, now])), own: minutes.own() }
  const standings = standingsOf(allowance, at)
  const opened = recordOf(payer)

  const refuse = (why: unknown, reason: string, as: OpenedRequest = opened): unknown => {
    minutes.uncount(subjects)
    incoming.waitUntil(accounts.settle(as, refusedAt(incoming, reason), allowance.pricesVersion, settledAt(incoming)))
    return why
  }
  const tellShown = (): void => {
    const shown = decisive(standings)
    if (shown !== undefined) tellBudget(shown, false, incoming)
  }
  const turnAway = (refusal: Refusal): unknown => {
    const form = { budget: isGatewayProvider(headers) ? 429 : allowance.settings.refusalStatus } as const
    if (refusal.because !== 'over_budget') tellShown()
    else {
      const { standing } = refusal
      tellBudget(standing, true, incoming)
      // As it was found last, which may be later than it was read.
      const found = standings.map((one) => (one.subject.kind === standing.subject.kind ? standing : one))
      incoming.waitUntil(tools.events.passedThresholds(allowance, found, at))
    }
    if ('waitSeconds' in refusal) incoming.waitUntil(tools.events.metLimit(allowance, refusal, at))
    return refuse(refusalOf(refusal, at, form), refusal.because)
  }

  const verdict = admit(allowance, { model, at, standings, pace })
  if (!verdict.admitted) throw turnAway(verdict)
  incoming.waitUntil(tools.events.passedThresholds(allowance, standings, at))

  const holding = await holdShare({ opened, likely, turns, standings, allowance, at }, accounts).catch(
    async (thrown: unknown) => {
      // Whether it was held is not known: what lies in the books says so.
      const lying = await accounts.lying(opened)
      if (lying !== undefined) refuse(thrown, thrown instanceof Fault ? thrown.code : 'bug', lying)
      throw thrown
    },
  )
  if ('because' in holding) throw turnAway(holding)
  tellShown()

  return {
    allowance,
    request: holding,
    refuse: (why, reason) => refuse(why, reason, holding),
    async settle(end, as) {
      const answered = { ...as, payer: holding.payer }
      const cost = await accounts.settle(answered, end, allowance.pricesVersion, settledAt(incoming))
      const times = { arrivedAt: at, settledAt: settledAt(incoming) }
      await Promise.all([
        correctMinutes({ subjects, pace, end, allowance, ...times }, windows),
        cost === undefined ? undefined : tellCrossed({ allowance, standings, payer: holding.payer, cost, at }, tools),
      ])
    },
  }
}

/** The request in the minutes of whoever has a limit; how large it is is looked up when the first of them is counted. */
function countingOf(incoming: Incoming, likely: () => Usage, windows: RateWindows) {
  const { arrivedAt: at } = incoming
  let use: WindowUse | undefined
  const expected = (): WindowUse => {
    use ??= { requests: 1, tokens: pacedTokens(likely()) }
    return use
  }
  return {
    own: (): WindowUse => use ?? NO_USE,
    count: (subject: PacedSubject): Promise<WindowUse> => windows.add(subject, expected(), at),
    uncount(subjects: readonly PacedSubject[]): void {
      for (const subject of subjects) incoming.waitUntil(windows.add(subject, negative(expected()), at))
    },
  }
}

/** What the request will probably use: looked up when it is first asked for, which without budgets and limits it never is. */
function likelyOf({ asked, recordOf }: Applicant): () => Usage {
  let likely: Usage | undefined
  return () => {
    likely ??= likelyUsage(asked, recordOf(NOBODY).estimate)
    return likely
  }
}

/** Of a request that is only estimated: who pays does not change its size. */
const NOBODY: Payer = { identity: '', keyId: '', userId: null, teamId: null, counters: [] }

const settledAt = (incoming: Incoming): Instant => addMs(incoming.arrivedAt, Math.round(incoming.elapsedMs()))

const refusedAt = (incoming: Incoming, refusal: string): RequestEnd => ({
  status: 'refused',
  refusal,
  messageId: null,
  usage: NO_USAGE,
  estimated: false,
  stopReason: null,
  tools: [],
  firstByteMs: null,
  durationMs: incoming.elapsedMs(),
})

function tellBudget(standing: Standing, refused: boolean, incoming: Incoming): void {
  const headers = {
    ...budgetHeaders(standing, refused),
    ...(isGatewayProvider(incoming.headers) && unifiedHeaders(standing, refused)),
  }
  for (const [name, value] of Object.entries(headers)) incoming.tell(name, value)
}
