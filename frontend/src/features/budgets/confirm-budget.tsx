import type { BudgetPreview } from '../../api/budget-types.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import type { Scope } from './budget-draft.ts'
import { named, plural } from './budget-words.ts'
import { type BudgetForm, nameOf } from './use-budget-form.ts'

interface ConfirmBudgetProps {
  readonly scope: Scope
  readonly form: BudgetForm
  readonly preview: BudgetPreview
}

/** Asked back only where somebody would be stopped at once, or have no limit any more. */
export function ConfirmBudget({ scope, form, preview: { blocked, unlimited } }: ConfirmBudgetProps) {
  const count = blocked.new_count
  return (
    <Dialog
      title={count > 0 ? `Block ${struck(blocked)} at once?` : `Take the limit from ${struck(unlimited)}?`}
      alert
      onClose={form.cancel}
      foot={
        <>
          <Button autoFocus onPress={form.cancel}>
            Keep editing
          </Button>
          <Button kind="danger" isPending={form.save.isPending} onPress={form.confirm}>
            {count > 0 ? `Save and block ${count.toLocaleString('en-US')}` : 'Save without a limit'}
          </Button>
        </>
      }
    >
      {count > 0 && (
        <p dir="auto">
          {namesOf(blocked)} {count === 1 ? 'is' : 'are'} past what is blocked already. Their next request is refused,
          and each one after it, until the period is over or the limit is raised.
        </p>
      )}
      {unlimited.new_count > 0 && (
        <p dir="auto">
          {namesOf(unlimited)} {unlimited.new_count === 1 ? 'has' : 'have'} a limit by{' '}
          {nameOf(scope).replace('The', 'the')} now, and would have none of that kind any more.
        </p>
      )}
    </Dialog>
  )
}

type Struck = BudgetPreview['blocked']

const fresh = ({ subjects }: Struck) => subjects.filter(({ is_new }) => is_new)

/** `the team and 2 people`, `3 people and 1 key` */
function struck(of: Struck): string {
  const counts = Map.groupBy(fresh(of), ({ scope }) => scope)
  const named = fresh(of).length
  const [people, keys] = [counts.get('user')?.length ?? 0, counts.get('key')?.length ?? 0]
  // Whoever is not named for want of room is most likely a person.
  const others = of.new_count - named
  const parts = [
    ...(counts.has('team') ? ['the team'] : []),
    ...(people + others > 0 ? [plural(people + others, 'person', 'people')] : []),
    ...(keys > 0 ? [plural(keys, 'key')] : []),
  ]
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

const namesOf = (of: Struck): string =>
  named(
    fresh(of).map(({ scope, name }) => (scope === 'team' ? `Team ${name}` : scope === 'key' ? `Key ${name}` : name)),
    of.new_count,
  )
