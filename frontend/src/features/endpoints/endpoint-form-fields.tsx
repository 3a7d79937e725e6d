import { Dices } from 'lucide-react'
import type { GatewayPlace } from '../../api/endpoint-types.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Combo } from '../../ui/combo.tsx'
import { Details } from '../../ui/details.tsx'
import { Field } from '../../ui/field.tsx'
import layout from '../../ui/form.module.css'
import { RadioCards } from '../../ui/radio-cards.tsx'
import type { Draft, DraftField } from './draft.ts'
import { wishOf } from './draft.ts'
import styles from './endpoint-form.module.css'
import { randomExternalId } from './policies.ts'
import { Policies } from './policies-dialog.tsx'
import { SCOPE_NAMES, SCOPES, type Scope } from './scopes.ts'
import type { EndpointFormState } from './use-endpoint-form.ts'

interface FieldsProps {
  readonly form: EndpointFormState
}

/** What a field of text needs. */
const bound = <F extends DraftField>({ draft, set, errorOf }: EndpointFormState, field: F) => ({
  name: field,
  value: draft[field],
  error: errorOf(field),
  onChange: (event: { readonly target: { readonly value: string } }): void => set({ [field]: event.target.value }),
})

export function PlaceFields({ form }: FieldsProps) {
  const { draft, set, errorOf } = form
  const { meaning, regions } = SCOPES[draft.routing_prefix]
  /** A region that is no part of the new scope makes room for the scope's usual one. */
  const choose = (routing_prefix: Scope): void => {
    const allowed = SCOPES[routing_prefix].regions
    set({ routing_prefix, ...(!allowed.includes(draft.region) && { region: allowed[0] ?? '' }) })
  }
  return (
    <>
      <Field
        label="Name"
        {...bound(form, 'name')}
        required
        autoFocus
        maxLength={100}
        autoComplete="off"
        dir="auto"
        placeholder="us-prod"
      />
      <div className={layout.pair}>
        <Choice
          label="Scope"
          value={draft.routing_prefix}
          onChange={(event) => choose(event.target.value as Scope)}
          help={`Requests are ${meaning}.`}
          error={errorOf('routing_prefix')}
        >
          {SCOPE_NAMES.map((scope) => (
            <option key={scope} value={scope}>
              {SCOPES[scope].name}
            </option>
          ))}
        </Choice>
        <Combo
          label="Home region"
          value={draft.region}
          options={regions}
          onChange={(region) => set({ region })}
          help="Where Bedrock is called. It passes requests on within the scope."
          error={errorOf('region')}
        />
      </div>
    </>
  )
}

export function AccessFields({ form, gateway }: FieldsProps & { readonly gateway: GatewayPlace }) {
  const { draft, set } = form
  const wish = wishOf(draft)
  return (
    <>
      <RadioCards
        label="Credentials"
        value={draft.access}
        onChange={(access) => set({ access })}
        options={[
          { value: 'own', title: 'This account', text: `The gateway calls Bedrock in its own, ${gateway.account_id}.` },
          { value: 'role', title: 'Assume a role', text: 'In another account, which pays and has quotas of its own.' },
        ]}
      />
      {draft.access === 'role' && (
        <>
          <Field
            label="Role ARN"
            {...bound(form, 'role_arn')}
            required
            spellCheck={false}
            autoComplete="off"
            placeholder={`arn:aws:iam::123456789012:role/${gateway.role_names.replace('*', 'claude')}`}
            help={`Of a role whose name is ${gateway.role_names}: the gateway may assume no other. What it must be allowed stands below.`}
          />
          <Field
            label="External ID"
            {...bound(form, 'external_id')}
            spellCheck={false}
            autoComplete="off"
            help="The role asks for it in sts:ExternalId, so that nobody can talk the gateway into using a role of yours."
            end={
              <Button kind="ghost" onPress={() => set({ external_id: randomExternalId() })}>
                <Dices size={14} aria-hidden /> Suggest
              </Button>
            }
          />
          <div className={styles.part}>
            <Details title="Policies for the role" hint="with these values, to be copied">
              <Policies
                gateway={gateway}
                of={{
                  role_arn: wish.role_arn ?? null,
                  external_id: wish.external_id ?? null,
                  guardrail_id: wish.guardrail_id ?? null,
                  region: draft.region,
                }}
              />
            </Details>
          </div>
        </>
      )}
    </>
  )
}

export function RouteFields({ form }: FieldsProps) {
  const { draft, set } = form
  return (
    <>
      <RadioCards
        label="Upstream"
        value={draft.upstream}
        onChange={(upstream) => set({ upstream })}
        options={[
          {
            value: 'invoke',
            title: 'InvokeModel',
            text: 'The request in Bedrock’s own words, which every region understands.',
          },
          {
            value: 'messages',
            title: 'Messages API',
            text: 'The request nearly as the client sent it. Where a region does not have it, InvokeModel is used.',
          },
        ]}
      />
      <Field
        label="Priority"
        {...bound(form, 'priority')}
        required
        inputMode="numeric"
        autoComplete="off"
        help="The lower, the earlier, where a team does not say otherwise."
      />
    </>
  )
}

export function OptionFields({ form }: FieldsProps) {
  const { draft } = form
  return (
    <div className={styles.part}>
      <Details title="Bedrock options" hint={optionsInWords(draft)}>
        <div className={layout.pair}>
          <Field
            label="Guardrail"
            {...bound(form, 'guardrail_id')}
            spellCheck={false}
            autoComplete="off"
            help="Its id or ARN. It judges every request and answer."
          />
          <Field
            label="Guardrail version"
            {...bound(form, 'guardrail_version')}
            spellCheck={false}
            autoComplete="off"
            help="A number, or DRAFT."
          />
          <TierChoices
            tier={draft.service_tier}
            latency={draft.latency}
            onTier={(service_tier) => form.set({ service_tier })}
            onLatency={(latency) => form.set({ latency })}
            errorOf={form.errorOf}
          />
        </div>
      </Details>
    </div>
  )
}

interface TierChoicesProps {
  readonly tier: Draft['service_tier']
  readonly latency: Draft['latency']
  readonly onTier: (tier: Draft['service_tier']) => void
  readonly onLatency: (latency: Draft['latency']) => void
  readonly errorOf: (field: 'service_tier' | 'latency') => string | undefined
}

export function TierChoices({ tier, latency, onTier, onLatency, errorOf }: TierChoicesProps) {
  return (
    <>
      <Choice
        label="Service tier"
        value={tier}
        onChange={(event) => onTier(event.target.value as Draft['service_tier'])}
        error={errorOf('service_tier')}
      >
        <option value="">Bedrock decides</option>
        <option value="default">Default</option>
        <option value="priority">Priority: quicker, at a higher price</option>
        <option value="flex">Flex: slower, at a lower price</option>
        <option value="reserved">Reserved: capacity bought before</option>
      </Choice>
      <Choice
        label="Latency"
        value={latency}
        onChange={(event) => onLatency(event.target.value as Draft['latency'])}
        error={errorOf('latency')}
      >
        <option value="">Bedrock decides</option>
        <option value="standard">Standard</option>
        <option value="optimized">Optimized, for models that have it</option>
      </Choice>
    </>
  )
}

function optionsInWords({ guardrail_id, service_tier, latency }: Draft): string {
  const set = [
    guardrail_id === '' ? '' : 'a guardrail',
    service_tier === '' ? '' : `tier ${service_tier}`,
    latency === '' ? '' : `latency ${latency}`,
  ].filter((text) => text !== '')
  return set.length === 0 ? 'guardrail, service tier, latency: none set' : set.join(', ')
}
