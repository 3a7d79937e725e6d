/** What Bedrock refuses of a request for a model it has: flags, members, marks, what the model cannot do, and too much of it. */
import { refusalOfMarks } from './cache-marks.ts'
import { findExtra } from './extra-inputs.ts'
import { KNOWN_BETAS, MEMBERS_OF_BETAS } from './known-betas.ts'
import { limitsOf } from './model-limits.ts'
import type { CallRules } from './script.ts'
import { refusalOfPairs, refusalOfServerTools } from './server-tools.ts'
import { type Form, invalid, type Json, type Refusal, refusalOfForm, refusalOfMessages } from './validation.ts'

export interface Request {
  readonly form: Form
  readonly body: Json
  readonly betas: readonly string[]
  /** Anthropic's undated name. */
  readonly model: string
  /** Of the prompt, as the simulator counts them. */
  readonly tokens: number
}

export function refusalOfRequest(request: Request, rules: CallRules): Refusal | undefined {
  const limits = limitsOf(request.model, request.form !== 'invoke')
  const flag = refusedBeta(
    request,
    rules,
    limits.flatMap(({ betas }) => betas ?? []),
  )
  if (flag !== undefined) return invalid(rules.nameBetas ? `invalid beta flag: ${flag}` : 'invalid beta flag')
  const { body } = request
  const form = refusalOfForm(request.form, body) ?? refusalOfMessages(body.messages, rules.refusedRoles)
  if (form !== undefined) return form
  const members = [...rules.refusedMembers, ...limits.flatMap((limit) => limit.members ?? []), ...withoutFlag(request)]
  const extra = first(members, (member) => findExtra(body, member))
  if (extra !== undefined) return invalid(`${extra}: Extra inputs are not permitted`)
  const said =
    refusalOfServerTools(body) ??
    refusalOfMarks(body) ??
    refusalOfPairs(body) ??
    first(limits, ({ rule }) => rule?.(body)) ??
    tooLong(request, rules)
  return said === undefined ? undefined : invalid(said)
}

function refusedBeta({ form, betas }: Request, rules: CallRules, refused: readonly string[]): string | undefined {
  const known: readonly string[] = [
    ...(form === 'invoke' ? KNOWN_BETAS.invoke : KNOWN_BETAS.messages),
    ...rules.acceptedBetas,
  ]
  return betas.find((flag) => !known.includes(flag) || refused.includes(flag) || rules.refusedBetas.includes(flag))
}

const withoutFlag = ({ betas }: Request): readonly string[] =>
  MEMBERS_OF_BETAS.filter(({ flags }) => !flags.some((flag) => betas.includes(flag))).map(({ member }) => member)

const tooLong = ({ tokens }: Request, { promptLimit }: CallRules): string | undefined =>
  tokens > promptLimit ? `prompt is too long: ${tokens} tokens > ${promptLimit} maximum` : undefined

function first<T, R>(items: readonly T[], read: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const value = read(item)
    if (value !== undefined) return value
  }
  return undefined
}
