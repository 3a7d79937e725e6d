import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Ellipsis, FlaskConical, Pencil } from 'lucide-react'
import { type ComponentProps, useEffect, useState } from 'react'
import { ApiError, call } from '../../api/client.ts'
import { endpointQuery, endpointsQuery, healthStatusQuery } from '../../api/endpoint-queries.ts'
import type { EndpointDetails, GatewayPlace } from '../../api/endpoint-types.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { BetaCard } from './beta-card.tsx'
import { type Acting, ActOnEndpoint } from './end-endpoint.tsx'
import { EndpointFacts } from './endpoint-facts.tsx'
import { EndpointFigures } from './endpoint-figures.tsx'
import { EndpointForm } from './endpoint-form.tsx'
import styles from './endpoint-page.module.css'
import { stateOf, withStatus } from './endpoint-state.ts'
import { actsOn } from './endpoints-table.tsx'
import { ModelsCard } from './models-card.tsx'
import { PoliciesDialog } from './policies-dialog.tsx'
import { ProfilesCard } from './profiles-card.tsx'
import { Since } from './since.tsx'
import { TestResult } from './test-result.tsx'

const FROM = '/shell/admins/endpoints/$id'
const Above = <Link to="/endpoints">Endpoints</Link>

export function EndpointPage() {
  const { id } = useParams({ from: FROM })
  const endpoint = useQuery(endpointQuery(id))
  const gateway = useQuery(endpointsQuery).data?.gateway
  const { data, error } = endpoint
  if (data !== undefined && gateway !== undefined) {
    return <Known key={id} endpoint={data} gateway={gateway} data={endpoint} />
  }
  return (
    <Page title="Endpoint" above={Above} data={endpoint}>
      <Card label="Endpoint">
        {error === null ? (
          <Skeleton height="24rem" />
        ) : (
          <Failed error={error} onRetry={() => void endpoint.refetch()} />
        )}
      </Card>
    </Page>
  )
}

function Failed({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) {
    return (
      <Empty title="There is no such endpoint">
        Perhaps it was deleted. Go to{' '}
        <Link to="/endpoints" className="link">
          all endpoints
        </Link>
        .
      </Empty>
    )
  }
  return (
    <Notice
      kind="danger"
      title="The endpoint could not be loaded"
      action={<Button onPress={onRetry}>Try again</Button>}
    >
      {error.message} Requests go on as before.
    </Notice>
  )
}

interface KnownProps {
  readonly endpoint: EndpointDetails
  readonly gateway: GatewayPlace
  readonly data: NonNullable<ComponentProps<typeof Page>['data']>
}

function Known({ endpoint: read, gateway, data }: KnownProps) {
  const status = useQuery(healthStatusQuery).data?.endpoints.find(({ id }) => id === read.id)
  const endpoint = withStatus(read, status)
  const navigate = useNavigate({ from: '/endpoints/$id' })
  const search = useSearch({ from: FROM })
  const [acting, setActing] = useState<Acting>()
  const [showsPolicies, setShowsPolicies] = useState(false)
  const test = useTest(endpoint.id)
  const edit = (edit: boolean): void =>
    void navigate({ search: edit ? { edit } : {}, replace: !edit, resetScroll: false })
  return (
    <Page
      title={endpoint.name}
      above={Above}
      data={data}
      actions={<Acts endpoint={endpoint} test={test} onEdit={() => edit(true)} onAct={setActing} />}
    >
      <Trouble endpoint={endpoint} onShowPolicies={() => setShowsPolicies(true)} />
      <Tested test={test} />
      <EndpointFigures of={endpoint} stats={status?.stats} onAct={setActing} />
      <div className={styles.columns}>
        <div className={styles.stack}>
          <ModelsCard of={endpoint} />
          <ProfilesCard of={endpoint} />
          <BetaCard of={endpoint} />
        </div>
        <EndpointFacts of={endpoint} gateway={gateway} onShowPolicies={() => setShowsPolicies(true)} />
      </div>
      {search.edit === true && <EndpointForm endpoint={read} gateway={gateway} onClose={() => edit(false)} />}
      {showsPolicies && <PoliciesDialog gateway={gateway} of={endpoint} onClose={() => setShowsPolicies(false)} />}
      {acting !== undefined && (
        <ActOnEndpoint
          {...acting}
          onClose={() => setActing(undefined)}
          onDone={acting.how === 'delete' ? () => void navigate({ to: '/endpoints' }) : undefined}
        />
      )}
    </Page>
  )
}

/** Whoever came for a test has it at once. */
function useTest(id: string) {
  const queries = useQueryClient()
  const navigate = useNavigate({ from: '/endpoints/$id' })
  const { test: isAsked } = useSearch({ from: FROM })
  const test = useMutation({
    mutationFn: () => call('POST /admin/endpoints/{id}/test', { params: { id } }),
    onSuccess: async () => {
      await Promise.all(
        [['endpoints'], ['endpoint-health'], ['endpoint-models', id], ['endpoint-quotas', id]].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      )
    },
  })
  const { mutate } = test
  useEffect(() => {
    if (isAsked !== true) return
    void navigate({ search: {}, replace: true })
    mutate()
  }, [isAsked, navigate, mutate])
  return test
}

type Testing = ReturnType<typeof useTest>

interface ActsProps {
  readonly endpoint: EndpointDetails
  readonly test: Testing
  readonly onEdit: () => void
  readonly onAct: (acting: Acting) => void
}

function Acts({ endpoint, test, onEdit, onAct }: ActsProps) {
  return (
    <>
      <Button isPending={test.isPending} onPress={() => test.mutate()}>
        <FlaskConical size={14} aria-hidden /> {test.isPending ? 'Testing…' : 'Test'}
      </Button>
      <Button kind="primary" onPress={onEdit}>
        <Pencil size={14} aria-hidden /> Edit
      </Button>
      <Menu
        label={`Actions for ${endpoint.name}`}
        trigger={
          <Button kind="ghost" icon aria-label={`Actions for ${endpoint.name}`}>
            <Ellipsis size={16} aria-hidden />
          </Button>
        }
        actions={actsOn(endpoint, onAct)}
      />
    </>
  )
}

function Tested({ test: { data, error, isPending } }: { readonly test: Testing }) {
  if (isPending) {
    return (
      <Card title="Test">
        <p className="quiet" role="status">
          Asking AWS for the role, the inference profiles, the models and the quotas…
        </p>
      </Card>
    )
  }
  if (error !== null) {
    return (
      <Notice kind="danger" title="It could not be tested">
        {error.message}
      </Notice>
    )
  }
  return data === undefined ? null : (
    <Card title="Test">
      <TestResult of={data} saved />
    </Card>
  )
}

interface TroubleProps {
  readonly endpoint: EndpointDetails
  readonly onShowPolicies: () => void
}

function Trouble({ endpoint, onShowPolicies }: TroubleProps) {
  const state = stateOf(endpoint)
  if (state.kind !== 'danger') return null
  return (
    <Notice
      kind="danger"
      title={`${endpoint.name} is not healthy`}
      action={endpoint.role_arn !== null && <Button onPress={onShowPolicies}>Show the policies</Button>}
    >
      {state.why ?? 'Bedrock has refused or failed there.'} <Since of={endpoint} />
    </Notice>
  )
}
