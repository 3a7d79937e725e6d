/** What happens as a budget is used up. A rule holds from its percentage on; of those that hold, the last decides. */
import { type NanoUsd, ZERO_USD } from '../platform/money.ts'

export const ACTIONS = ['notify', 'shape', 'block'] as const
export type Action = (typeof ACTIONS)[number]

export interface PolicyRule {
  /** Whole percent of the limit, 1 or more. */
  readonly at_percent: number
  readonly action: Action
  /** Requests a minute for each person, where the rule shapes. */
  readonly shaped_rpm?: number | undefined
}

export const PRESETS = {
  standard: [
    { at_percent: 80, action: 'notify' },
    { at_percent: 100, action: 'block' },
  ],
  soft: [
    { at_percent: 80, action: 'notify' },
    { at_percent: 100, action: 'notify' },
    { at_percent: 150, action: 'block' },
  ],
  shaped: [
    { at_percent: 80, action: 'notify' },
    { at_percent: 100, action: 'shape', shaped_rpm: 5 },
    { at_percent: 150, action: 'block' },
  ],
} as const satisfies Record<string, readonly PolicyRule[]>

/** Where nobody has said otherwise. */
export const STANDARD: readonly PolicyRule[] = PRESETS.standard

/** How severe: `allow` is what holds below the first rule. */
const SEVERITY = { allow: 0, notify: 1, shape: 2, block: 3 } as const

export type Decision =
  | { readonly action: 'allow' }
  | { readonly action: Action; readonly atPercent: number; readonly shapedRpm: number }

/** What a rule without a number of its own shapes to: the same as the preset's. */
const USUAL_SHAPED_RPM = 5

const WHOLE = 100

/** The rules that hold at what has been spent. Of a limit of zero, nothing may be spent: all of them hold. */
export const heldRules = (rules: readonly PolicyRule[], spent: NanoUsd, limit: NanoUsd): readonly PolicyRule[] =>
  rules.filter((rule) => limit <= 0 || spent >= amountAt(rule, limit))

/** A limit of zero blocks by itself, whatever a policy says that was thought out for another. */
export function decide(rules: readonly PolicyRule[], spent: NanoUsd, limit: NanoUsd): Decision {
  const last = heldRules(rules, spent, limit).at(-1)
  if (last === undefined && limit > 0) return { action: 'allow' }
  return {
    action: limit > 0 && last !== undefined ? last.action : 'block',
    atPercent: last?.at_percent ?? WHOLE,
    shapedRpm: last?.shaped_rpm ?? USUAL_SHAPED_RPM,
  }
}

export const isStricter = (one: Decision, other: Decision): boolean => SEVERITY[one.action] > SEVERITY[other.action]

/** The amount from which a rule holds, rounded up to a whole nano-dollar: percent may divide a limit unevenly. */
export const amountAt = ({ at_percent }: PolicyRule, limit: NanoUsd): NanoUsd =>
  Number((BigInt(limit) * BigInt(at_percent) + 99n) / 100n) as NanoUsd

/** What may be spent before the policy blocks; nothing where it never does. */
export function capOf(rules: readonly PolicyRule[], limit: NanoUsd): NanoUsd | undefined {
  if (limit <= 0) return ZERO_USD
  const block = rules.find((rule) => rule.action === 'block')
  return block === undefined ? undefined : amountAt(block, limit)
}
