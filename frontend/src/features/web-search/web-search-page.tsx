import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { meQuery } from '../../api/queries.ts'
import { ownSearchQuery } from '../../api/web-search-queries.ts'
import type { OwnSearch } from '../../api/web-search-types.ts'
import { money } from '../../format/money.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { Details } from '../../ui/details.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { ModeCard } from './mode-card.tsx'
import { ProviderCard } from './provider-card.tsx'
import styles from './web-search.module.css'
import { PROVIDERS, TYPES } from './words.ts'

export function WebSearchPage() {
  const { data: me } = useSuspenseQuery(meQuery)
  const own = useQuery(ownSearchQuery)
  const { data, error, refetch } = own
  return (
    <Page title="Web search" data={own}>
      {data === undefined && error === null && <Skeleton height="20rem" />}
      {data === undefined && error !== null && (
        <Notice
          kind="danger"
          title="Your search providers could not be loaded"
          action={<Button onPress={() => void refetch()}>Try again</Button>}
        >
          {error.message} What is active goes on.
        </Notice>
      )}
      {data !== undefined && <InForce own={data} isAdmin={me.role === 'admin'} />}
      {data !== undefined && <ThisMonth own={data} />}
      {me.role === 'admin' && <ModeCard />}
      {data !== undefined && <Providers own={data} />}
      <HowItWorks />
    </Page>
  )
}

/** In one line: who is asked when this person searches. */
function InForce({ own, isAdmin }: { readonly own: OwnSearch; readonly isAdmin: boolean }) {
  const { mode, global_provider, fallback, providers } = own
  const others = fallback && global_provider !== 'duckduckgo' ? ' DuckDuckGo is asked when it does not answer.' : ''
  if (mode === 'disabled') {
    return (
      <Notice kind="warn" title="The web search is switched off">
        {isAdmin
          ? 'Nobody searches the web through this gateway until you switch it on below.'
          : 'An administrator has switched it off for everybody. Ask them if you need it.'}
      </Notice>
    )
  }
  if (mode === 'global') {
    const name = PROVIDERS[global_provider ?? 'duckduckgo'].name
    return (
      <Notice kind="info" title={`Everybody’s searches go through ${name}`}>
        An administrator has chosen it.{others} What you have set up yourself is kept, and not used.
      </Notice>
    )
  }
  const active = providers.find(({ enabled }) => enabled)
  if (active === undefined) {
    return (
      <Notice kind="warn" title="Active: DuckDuckGo (default)">
        {providers.length === 0
          ? 'No provider is set up, so the built-in one is used.'
          : 'None of your providers is active, so the built-in one is used.'}
      </Notice>
    )
  }
  return (
    <Notice kind="ok" title={`Active: ${PROVIDERS[active.provider_type].name}`}>
      Your searches go through it.
      {active.provider_type === 'duckduckgo' ? '' : ' DuckDuckGo is asked when it does not answer.'}
    </Notice>
  )
}

function ThisMonth({
  own: {
    this_month: { searches, cost_usd: cost },
  },
}: {
  readonly own: OwnSearch
}) {
  const counted =
    searches === 1 ? 'You have searched once this month' : `You have searched ${searches} times this month`
  return (
    <p className={styles.quiet}>
      {searches === 0
        ? 'You have not searched this month.'
        : cost === 0
          ? `${counted}, at no cost.`
          : `${counted}, for ${money(cost)}.`}
    </p>
  )
}

/** The active one first, then what is set up, then the rest. */
function Providers({ own }: { readonly own: OwnSearch }) {
  const { mode, providers } = own
  if (mode === 'disabled') return null
  const readOnly = mode === 'global'
  const storedOf = (type: (typeof TYPES)[number]) => providers.find(({ provider_type }) => provider_type === type)
  const rank = (type: (typeof TYPES)[number]): number => {
    const stored = storedOf(type)
    return stored === undefined ? 2 : stored.enabled ? 0 : 1
  }
  const shown = TYPES.filter((type) => !readOnly || storedOf(type) !== undefined)
  if (shown.length === 0) return null
  return (
    <section aria-label="Your providers" className={styles.grid}>
      {shown
        .toSorted((one, other) => rank(one) - rank(other))
        .map((type) => (
          <ProviderCard key={type} type={type} stored={storedOf(type)} readOnly={readOnly} />
        ))}
    </section>
  )
}

const HowItWorks = () => (
  <Details title="How searching the web works">
    <div className={styles.stack}>
      <p>
        Amazon Bedrock does not run the web search of Claude. When Claude wants to search, the gateway catches that,
        asks a provider, and gives Claude what it found in the form that it expects. Claude Code notices nothing.
      </p>
      <ul className={styles.points}>
        <li>What is searched for goes to the provider, and to nobody else. The gateway keeps none of it.</li>
        <li>What is found is plain text, not the encrypted content that Anthropic’s own search gives.</li>
        <li>A key that you enter is sealed, and used for your own searches alone.</li>
        <li>Addresses inside a private network are not asked, unless the deployment allows them.</li>
      </ul>
    </div>
  </Details>
)
