import { useNavigate } from '@tanstack/react-router'
import type { TeamRow } from '../../api/budget-types.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import styles from './team-page.module.css'

const STRATEGIES: Readonly<Record<TeamRow['routing_strategy'], string>> = {
  sticky_user: 'Each person stays at one endpoint, where the prompt cache knows them.',
  primary_fallback: 'The first endpoint of the list that is well, the others only when it is not.',
  round_robin: 'Requests are spread evenly over the endpoints.',
}

/** By which endpoints its requests go is set on a page of its own, beside the endpoints. */
export function RoutingTab({ team }: { readonly team: TeamRow }) {
  const navigate = useNavigate()
  return (
    <Card title="Routing">
      <div className={styles.stack}>
        <p>{STRATEGIES[team.routing_strategy]}</p>
        <Button onPress={() => void navigate({ to: '/endpoints/teams', search: { team: team.team_id } })}>
          Look at the endpoints, or change them
        </Button>
      </div>
    </Card>
  )
}
