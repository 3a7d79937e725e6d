import { Link } from '@tanstack/react-router'
import type { Endpoint, GatewayPlace } from '../../api/endpoint-types.ts'
import { dateOf, fullTime } from '../../format/time.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Time } from '../../ui/time.tsx'
import { accountOf, SCOPES } from './scopes.ts'

interface EndpointFactsProps {
  readonly of: Endpoint
  readonly gateway: GatewayPlace
  readonly onShowPolicies: () => void
}

export function EndpointFacts({ of: endpoint, gateway, onShowPolicies }: EndpointFactsProps) {
  const { role_arn, external_id, guardrail_id, guardrail_version, service_tier, latency, teams } = endpoint
  return (
    <Card
      title="Access and routing"
      aside={role_arn !== null && <Button onPress={onShowPolicies}>Show the policies</Button>}
    >
      <Facts
        of={[
          ['Scope', SCOPES[endpoint.routing_prefix].name],
          ['Home region', endpoint.region],
          ['Account', accountOf(endpoint) ?? `${gateway.account_id}, this gateway’s`],
          role_arn === null ? undefined : ['Role', <code key="role">{role_arn}</code>],
          role_arn === null ? undefined : ['External ID', <code key="id">{external_id ?? 'none'}</code>],
          ['Upstream', endpoint.upstream === 'invoke' ? 'InvokeModel' : 'Messages API'],
          ['Priority', endpoint.priority],
          [
            'Guardrail',
            guardrail_id === null ? 'none' : <code key="guardrail">{`${guardrail_id}, ${guardrail_version}`}</code>,
          ],
          ['Service tier', service_tier ?? 'Bedrock decides'],
          ['Latency', latency ?? 'Bedrock decides'],
          ['Used by', <UsedBy key="teams" teams={teams} isDefault={endpoint.is_default} />],
          [
            'Created',
            <Time
              key="created"
              iso={endpoint.created_at}
              text={dateOf(endpoint.created_at)}
              full={fullTime(endpoint.created_at)}
            />,
          ],
        ]}
      />
    </Card>
  )
}

function UsedBy({ teams, isDefault }: { readonly teams: Endpoint['teams']; readonly isDefault: boolean }) {
  return (
    <>
      {teams.map(({ id, name }, at) => (
        <span key={id}>
          {at > 0 && ', '}
          <Link to="/endpoints/teams" search={{ team: id }} className="link" dir="auto">
            {name}
          </Link>
        </span>
      ))}
      {teams.length > 0 && isDefault && ', and '}
      {isDefault && 'everybody without endpoints of their own'}
      {teams.length === 0 && !isDefault && 'no team'}
    </>
  )
}
