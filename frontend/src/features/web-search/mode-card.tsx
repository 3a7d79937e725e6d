import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { meQuery } from '../../api/queries.ts'
import { readWebSearchAnew, searchModeQuery } from '../../api/web-search-queries.ts'
import type { ModeName, ModeWish, ProviderType, SearchMode, TestWish } from '../../api/web-search-types.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Field } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { RadioCards } from '../../ui/radio-cards.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Tick } from '../../ui/tick.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { useWrongField } from '../../ui/use-wrong-field.ts'
import { changesIn, enteredOf, type Wrong, wrongIn } from './entered.ts'
import { ProviderFields } from './provider-fields.tsx'
import { refusedField } from './provider-form.tsx'
import { TestResult } from './test-result.tsx'
import styles from './web-search.module.css'
import { PROVIDERS, TYPES } from './words.ts'

const MODES: readonly { readonly value: ModeName; readonly title: string; readonly text: string }[] = [
  { value: 'enabled', title: 'Enabled', text: 'Everybody searches by a provider of their own, or by DuckDuckGo.' },
  { value: 'global', title: 'Global', text: 'One provider, set up here, searches for everybody.' },
  { value: 'disabled', title: 'Disabled', text: 'Nobody searches the web through this gateway.' },
]

/** For administrators: what holds for everybody. */
export function ModeCard() {
  const { data, error, refetch } = useQuery(searchModeQuery)
  const [round, setRound] = useState(0)
  return (
    <Card title="For everybody">
      {data === undefined && error === null && <Skeleton height="10rem" />}
      {data === undefined && error !== null && (
        <Notice
          kind="danger"
          title="The mode could not be loaded"
          action={<Button onPress={() => void refetch()}>Try again</Button>}
        >
          {error.message}
        </Notice>
      )}
      {data !== undefined && <ModeForm key={round} saved={data} onAnew={() => setRound(round + 1)} />}
    </Card>
  )
}

/** As dollars are typed; the gateway counts them exactly. */
const PRICE = /^\d{1,4}(?:\.\d{1,6})?$/

function useMode(saved: SearchMode) {
  const queries = useQueryClient()
  const tell = useToast()
  const before = saved.provider
  const [mode, setMode] = useState<ModeName>(saved.mode)
  const [type, setType] = useState<ProviderType>(before?.provider_type ?? 'duckduckgo')
  const stored = before?.provider_type === type ? before : undefined
  const [entered, setEntered] = useState(() => enteredOf(before))
  const [price, setPrice] = useState(String(before?.price_per_1000_usd ?? 0))
  const [fetches, setFetches] = useState(saved.web_fetch)
  const [fallback, setFallback] = useState(saved.fallback)
  const [found, setFound] = useState<Wrong>({})
  // As it was when the form was opened: what somebody else saves meanwhile is not overwritten.
  const [rev, setRev] = useState(saved.rev)
  const save = useMutation({
    mutationFn: (body: ModeWish) => call('PUT /admin/websearch-mode', { body }),
    onSuccess: async ({ rev: written }) => {
      setRev(written)
      setEntered((before) => ({ ...before, key: '', dropsKey: false }))
      tell('ok', 'The web search is set', 'It holds for the very next request.')
      await Promise.all([readWebSearchAnew(queries), queries.invalidateQueries(meQuery)])
    },
  })
  const test = useMutation({ mutationFn: (body: TestWish) => call('POST /admin/search-providers/test', { body }) })
  const choose = (next: ProviderType): void => {
    setType(next)
    setEntered(enteredOf(before?.provider_type === next ? before : undefined))
    setPrice(String(before?.provider_type === next ? before.price_per_1000_usd : 0))
    setFound({})
    save.reset()
    test.reset()
  }
  const isWhole = (wrong: Wrong): boolean => {
    setFound(wrong)
    save.reset()
    test.reset()
    return Object.keys(wrong).length === 0
  }
  const provider = { provider_type: type, ...changesIn(type, entered, stored) }
  const submit = (): void => {
    const isPrice = PRICE.test(price.trim())
    const wrong: Wrong = {
      ...wrongIn(type, entered, stored),
      ...(!isPrice && { price_per_1000_usd: 'Enter dollars, such as 5 or 0.25.' }),
    }
    const own = { mode, web_fetch: fetches, fallback, rev }
    if (mode !== 'global') save.mutate(own)
    else if (isWhole(wrong)) save.mutate({ ...own, provider: { ...provider, price_per_1000_usd: Number(price) } })
  }
  const tryOut = (): void => {
    if (isWhole(wrongIn(type, entered, stored)))
      test.mutate({ ...provider, use_stored_key: stored !== undefined, scope: 'global' })
  }
  const wrong = { ...refusedField(save.error, 'provider.'), ...refusedField(test.error), ...found }
  return {
    ...{ mode, setMode, type, choose, stored, entered, setEntered, price, setPrice },
    ...{ fetches, setFetches, fallback, setFallback, save, test, submit, tryOut, found, wrong },
  }
}

interface ModeFormProps {
  readonly saved: SearchMode
  /** Begins again with what is saved. */
  readonly onAnew: () => void
}

function ModeForm({ saved, onAnew }: ModeFormProps) {
  const queries = useQueryClient()
  const form = useMode(saved)
  const { mode, save, test, found } = form
  const place = useWrongField(found, save.error ?? test.error)
  const isElsewhere = save.error !== null && refusedField(save.error, 'provider.') === undefined
  return (
    <form
      ref={place}
      className={styles.stack}
      onSubmit={(event) => {
        event.preventDefault()
        form.submit()
      }}
      noValidate
    >
      {isElsewhere && (
        <Notice
          kind="danger"
          title="It was not saved"
          action={<Button onPress={() => void readWebSearchAnew(queries).then(onAnew)}>Read anew</Button>}
        >
          {save.error?.message}
        </Notice>
      )}
      <RadioCards label="Mode" value={mode} onChange={form.setMode} options={MODES} />
      {mode === 'global' && <Shared form={form} />}
      <Tick
        label="Claude may read web pages that come up in a conversation"
        checked={form.fetches}
        onChange={form.setFetches}
      />
      <div className={styles.acts}>
        <Button kind="primary" type="submit" isDisabled={save.isPending}>
          {save.isPending ? 'Saving…' : 'Save'}
        </Button>
        {mode === 'global' && (
          <Button isDisabled={test.isPending || save.isPending} onPress={form.tryOut}>
            {test.isPending ? 'Testing…' : 'Test provider'}
          </Button>
        )}
      </div>
    </form>
  )
}

function Shared({ form }: { readonly form: ReturnType<typeof useMode> }) {
  const { type, stored, entered, wrong, test, price, fallback } = form
  return (
    <fieldset className={styles.stack}>
      <legend className="unseen">Provider for everybody</legend>
      <div className={styles.short}>
        <Choice label="Provider" value={type} onChange={(event) => form.choose(event.target.value as ProviderType)}>
          {TYPES.map((one) => (
            <option key={one} value={one}>
              {PROVIDERS[one].name}
            </option>
          ))}
        </Choice>
      </div>
      <ProviderFields type={type} stored={stored} entered={entered} wrong={wrong} onChange={form.setEntered} />
      <div className={styles.short}>
        <Field
          label="Price of 1,000 searches"
          name="price_per_1000_usd"
          inputMode="decimal"
          required
          value={price}
          help="In US dollars. Each search is put on the books of whoever makes it."
          error={wrong.price_per_1000_usd}
          onChange={(event) => form.setPrice(event.target.value)}
        />
      </div>
      {type !== 'duckduckgo' && (
        <Tick label="Ask DuckDuckGo when it does not answer" checked={fallback} onChange={form.setFallback} />
      )}
      <TestResult test={test.data} error={refusedField(test.error) === undefined ? test.error : null} />
    </fieldset>
  )
}
