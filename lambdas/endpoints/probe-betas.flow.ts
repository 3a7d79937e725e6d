/**
 * Beta flags that somebody asked for and nobody has tried, each tried alone with the smallest of requests, in the background. A flag
 * that Bedrock refuses inside a bigger request cannot be told from its neighbours; alone it can. Few a day, and all on the books.
 */
import { isElsewherePossible } from '../bedrock/faults.ts'
import type { Knowledge } from '../bedrock/knowledge.ts'
import type { LearnedStore } from '../bedrock/learned.store.ts'
import type { LearnedMemory, Probe } from '../bedrock/learned.ts'
import type { Upstream, UpstreamCall } from '../bedrock/upstream.ts'
import { findModel, type ModelTarget, readModel } from '../models/model-names.ts'
import { Fault } from '../platform/fault.ts'
import { addMs, type Instant } from '../platform/instant.ts'
import { describeError, type Log } from '../platform/log.ts'
import { namesAt, VARIANTS } from './offered-models.ts'
import type { RoutedEndpoint, Routing } from './routing.ts'

export interface ProbeTools {
  readonly learned: LearnedStore
  readonly memory: LearnedMemory
  readonly bedrock: Pick<Upstream, 'whole'>
  readonly books: ProbeBooks
  readonly log: Log
}

/** What a probe costs is somebody's money like any other request's. */
export interface ProbeBooks {
  enter(endpoint: RoutedEndpoint, target: ModelTarget, ask: () => Promise<Uint8Array>, at: Instant): Promise<void>
}

/** In a minute; the rest waits for the next. Each takes a second or two. */
const AT_ONCE = 5
/** Of one endpoint. Ten tokens each make less than a tenth of a cent, and a month of nonsense less than a dollar. */
const MOST_A_DAY = 40
/** What was tried is believed for a day. */
const BELIEVED_MS = 24 * 3_600_000
/** A model takes long to answer when it is busy; nobody waits for this one. */
const LONGEST_MS = 20_000

export async function probeBetas(routing: Routing, at: Instant, tools: ProbeTools): Promise<void> {
  for (const learned of await tools.learned.all(at)) tools.memory.note(learned)
  const asked = [...(await tools.learned.probes()), ...variantsToTry(routing)]
  const open = inTurn(
    asked.flatMap((probe) => openProbe(probe, routing, at, tools) ?? []),
    at,
  )
  const spent = new Set<string>()
  for (let tried = 0, one = open.shift(); one !== undefined && tried < AT_ONCE; one = open.shift()) {
    if (spent.has(one.endpoint.id)) continue
    if ((await tools.learned.countProbe(one.endpoint.id, at)) > MOST_A_DAY) {
      spent.add(one.endpoint.id)
      continue
    }
    await tryOne(one, at, tools)
    tried++
  }
}

/** Each minute begins elsewhere: what gets no answer, as of a model that the account may not use, keeps nothing else waiting. */
function inTurn(open: readonly OpenProbe[], at: Instant): OpenProbe[] {
  const start = open.length === 0 ? 0 : (Math.floor(at / MINUTE_MS) * AT_ONCE) % open.length
  return [...open.slice(start), ...open.slice(0, start)]
}

const MINUTE_MS = 60_000

/** Whether a model has its long window is asked by nobody in particular, and told to everybody by the list of models. */
const variantsToTry = ({ endpoints }: Routing): readonly Probe[] =>
  endpoints
    .filter(({ enabled, health }) => enabled && health === 'healthy')
    .flatMap((endpoint) =>
      VARIANTS.flatMap(({ beta }) =>
        namesAt(endpoint).map((model) => ({ endpointId: endpoint.id, model, flag: beta })),
      ),
    )

interface OpenProbe extends Probe {
  readonly endpoint: RoutedEndpoint
  readonly target: ModelTarget
}

/** @returns nothing where it is known by now, or cannot be asked. */
function openProbe(probe: Probe, { endpoints, rules }: Routing, at: Instant, tools: ProbeTools): OpenProbe | undefined {
  const endpoint = endpoints.find(({ id, enabled }) => id === probe.endpointId && enabled)
  const target = endpoint && targetOf(probe.model, endpoint)
  if (endpoint === undefined || target === undefined) return undefined
  const known = tools.memory.knowledgeOf(endpoint, probe.model, target.bedrockId, rules, at)
  return isKnown(known, probe.flag, at, tools.memory, probe) ? undefined : { ...probe, endpoint, target }
}

/** A suspicion is what a probe is for; what was tried, or an administrator said, is settled. */
const isKnown = (known: Knowledge, flag: string, at: Instant, memory: LearnedMemory, probe: Probe): boolean =>
  known.accepted.has(`beta:${flag}`) || (known.refused.has(`beta:${flag}`) && !memory.isSuspected(probe, at))

function targetOf(model: string, endpoint: RoutedEndpoint): ModelTarget | undefined {
  try {
    return findModel(readModel(model), endpoint)?.target
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined
    throw thrown
  }
}

async function tryOne(probe: OpenProbe, at: Instant, tools: ProbeTools): Promise<void> {
  const { endpoint, target, flag, model } = probe
  const takes = await verdictOf(probe, at, tools)
  tools.log.info('beta_probed', { endpointId: endpoint.id, model: target.bedrockId, flag, takes })
  if (takes === null) return
  const learned = {
    endpointId: endpoint.id,
    model,
    thing: `beta:${flag}`,
    takes,
    isSuspicion: false,
    until: addMs(at, BELIEVED_MS),
  }
  tools.memory.note(learned)
  await tools.learned.put(learned)
  await tools.learned.removeProbe(probe)
}

/** @returns `null` where the answer says nothing about the flag: it is tried again another time. */
async function verdictOf(probe: OpenProbe, at: Instant, tools: ProbeTools): Promise<boolean | null> {
  const ask = () => tools.bedrock.whole(callOf(probe), AbortSignal.timeout(LONGEST_MS))
  try {
    await tools.books.enter(probe.endpoint, probe.target, ask, at)
    return true
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'upstream_rejected')
      return refusesFlag(thrown.message, probe.flag) ? false : null
    if (!(thrown instanceof Fault && isElsewherePossible(thrown))) {
      tools.log.warn('beta_probe_failed', { endpointId: probe.endpoint.id, ...describeError(thrown) })
    }
    return null
  }
}

/** Bedrock seldom names the flag; with one alone it need not. */
const refusesFlag = (said: string, flag: string): boolean =>
  /beta/i.test(said) || said.toLowerCase().includes(flag.toLowerCase())

const callOf = ({ endpoint, target, flag }: OpenProbe): UpstreamCall => ({
  endpoint,
  modelId: target.bedrockId,
  model: target.name,
  body: Buffer.from(
    JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      anthropic_beta: [flag],
      max_tokens: 1,
      messages: [{ role: 'user', content: 'hi' }],
    }),
  ),
  betas: [flag],
  anthropicVersion: null,
  options: endpoint.options,
  attribution: { teamId: null, identity: PROBER, keyId: PROBER, sessionId: null },
})

/** Stands in the books and in Bedrock's log where a person's id would. */
export const PROBER = 'gateway'
