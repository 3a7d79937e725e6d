import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Attempt, samplesQuery } from '../../api/notification-queries.ts'
import { Card } from '../../ui/card.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Command } from '../../ui/command.tsx'
import { Details } from '../../ui/details.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { History } from './delivery-dialog.tsx'
import styles from './notifications.module.css'
import { VerifySignature } from './verify-signature.tsx'
import { eventName } from './words.ts'

/** What whoever writes a receiver wants to know. */
export function ReferenceCard({ history }: { readonly history: readonly Attempt[] }) {
  return (
    <Card label="Reference" flush>
      <Details title="Last attempts" hint="The newest twenty, tests included">
        <History of={history} />
      </Details>
      <Details title="What is sent" hint="A sample of each type of event">
        <Samples />
      </Details>
      <Details title="Verify the signature" hint="How a webhook knows that it was this gateway">
        <VerifySignature />
      </Details>
      <Details title="When a destination is down" hint="Nothing is lost for three days">
        <p>
          An event that fails is tried again after half a minute, then at growing distances up to an hour, for three
          days. After three failures in a row the destination is asked with one event at a time; when it answers again
          it gets what has gathered in growing portions, at most a hundred a minute. What could not be told in three
          days is given up, stands under that filter, and can be retried.
        </p>
      </Details>
    </Card>
  )
}

function Samples() {
  const { data } = useQuery(samplesQuery)
  const [chosen, setChosen] = useState('budget_warning')
  if (data === undefined) return <Skeleton height="14rem" />
  const sample = data.samples.find(({ event_type }) => event_type === chosen)
  return (
    <div className={styles.stack}>
      <Choice label="Event" value={chosen} onChange={(event) => setChosen(event.target.value)}>
        {data.samples.map(({ event_type }) => (
          <option key={event_type} value={event_type}>
            {eventName(event_type)}
          </option>
        ))}
      </Choice>
      <Command text={JSON.stringify(sample?.payload, null, 2)} label={`Sample of ${eventName(chosen)}`} />
      <p>
        A bus of EventBridge gets it with <code>ccag.notifications</code> as source and the type as detail-type; the
        detail leaves out <code>source</code>, <code>event_type</code> and <code>timestamp</code>.
      </p>
    </div>
  )
}
