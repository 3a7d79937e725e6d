import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { defaultBudgetQuery } from '../../api/budget-queries.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { draftOfDefault } from './budget-draft.ts'
import { BudgetEditor } from './budget-editor.tsx'

/** Nothing can be saved over a budget that was never seen. */
export function DefaultBudgetPage() {
  const budget = useQuery(defaultBudgetQuery)
  const { data, error, refetch } = budget
  return (
    <Page title="Default budget" above={<Link to="/budgets">Budgets</Link>} data={budget}>
      {data !== undefined ? (
        <BudgetEditor scope={{ kind: 'default' }} seen={{ draft: draftOfDefault(data), rev: data.rev }} />
      ) : (
        <Card label="Default budget">
          {error === null ? (
            <Skeleton height="24rem" />
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
      )}
    </Page>
  )
}
