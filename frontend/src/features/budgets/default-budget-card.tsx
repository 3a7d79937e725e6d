import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { defaultBudgetQuery } from '../../api/budget-queries.ts'
import type { DefaultBudget } from '../../api/budget-types.ts'
import { perPeriod, policyInWords } from '../../format/budget.ts'
import { money } from '../../format/money.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { PRESETS } from './budget-draft.ts'
import { plural } from './budget-words.ts'

export function DefaultBudgetCard() {
  const { data, error, refetch } = useQuery(defaultBudgetQuery)
  return (
    <Card
      title="Default budget"
      aside={
        <Link to="/budgets/default" className="link">
          Edit the default budget
        </Link>
      }
    >
      {data !== undefined ? (
        <Told of={data} />
      ) : error === null ? (
        <Skeleton height="5rem" />
      ) : (
        <Notice
          kind="danger"
          title="The default budget could not be loaded"
          action={<Button onPress={() => void refetch()}>Try again</Button>}
        >
          {error.message} It holds as before.
        </Notice>
      )}
    </Card>
  )
}

const RECIPIENTS: Readonly<Record<DefaultBudget['notify_recipients'], string>> = {
  both: 'The person and administrators',
  user: 'The person',
  admin: 'Administrators',
}

function Told({ of: budget }: { readonly of: DefaultBudget }) {
  const limit = budget.budget_amount_usd
  return (
    <Facts
      of={[
        [
          'Limit',
          limit === null
            ? 'None: people without a team spend without a limit, unless they have their own.'
            : `${money(limit)} ${perPeriod(budget.budget_period)}, for each person without a team`,
        ],
        limit === null ? undefined : ['Rules', policyInWords(budget.budget_policy ?? PRESETS.standard)],
        ['Holds for', `${plural(budget.affected_user_count, 'person', 'people')} without a team`],
        limit === null ? undefined : ['Told to', RECIPIENTS[budget.notify_recipients]],
      ]}
    />
  )
}
