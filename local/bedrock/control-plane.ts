/** Bedrock's control plane: the inference profiles of an account and a region. Source: Amazon Bedrock API reference, ListInferenceProfiles and GetInferenceProfile. */
import type { Asker, Profiles } from './profiles.ts'
import { refuse, sendJson } from './respond.ts'
import type { Called, ControlOperation } from './script.ts'
import type { Response } from './two-protocols.ts'
import { invalid, type Refusal } from './validation.ts'

export interface ControlDesk {
  readonly profiles: Profiles
  refusalOfControl(called: Called, operation: ControlOperation): Refusal | undefined
}

const PATH = '/inference-profiles'

/** @returns whether the path is one of the control plane's. */
export function answerControl(response: Response, url: URL, asker: Asker, desk: ControlDesk): boolean {
  const operation = operationOf(url.pathname)
  if (operation === undefined) return false
  const refusal = desk.refusalOfControl({ ...asker, modelId: '', model: '' }, operation)
  if (refusal !== undefined) refuse(response, refusal)
  else if (operation === 'ListInferenceProfiles') listProfiles(response, url, asker, desk.profiles)
  else getProfile(response, decodeURIComponent(url.pathname.slice(PATH.length + 1)), asker, desk.profiles)
  return true
}

function operationOf(path: string): ControlOperation | undefined {
  if (path === PATH || path === `${PATH}/`) return 'ListInferenceProfiles'
  return path.startsWith(`${PATH}/`) ? 'GetInferenceProfile' : undefined
}

function getProfile(response: Response, id: string, asker: Asker, profiles: Profiles): void {
  const profile = profiles.find(id, asker)
  if (profile !== undefined) return sendJson(response, profile)
  const message = `The inference profile ${id} does not exist.`
  refuse(response, { status: 404, type: 'ResourceNotFoundException', message })
}

/** Bedrock's own default. */
const DEFAULT_PAGE = 10
const MAX_PAGE = 1000

function listProfiles(response: Response, url: URL, asker: Asker, profiles: Profiles): void {
  const from = Number(url.searchParams.get('nextToken') ?? 0)
  const size = Number(url.searchParams.get('maxResults') ?? DEFAULT_PAGE)
  if (!(size >= 1 && size <= MAX_PAGE) || !(from >= 0)) return refuse(response, invalid('Invalid page size or token.'))
  const all = profiles.list(asker, url.searchParams.get('type') ?? url.searchParams.get('typeEquals'))
  sendJson(response, {
    inferenceProfileSummaries: all.slice(from, from + size),
    ...(from + size < all.length && { nextToken: String(from + size) }),
  })
}
