/** What the page about notifications reads. */
import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { type AnswerOf, call, type Wish } from './client.ts'

export type Notifications = AnswerOf<'GET /admin/notifications/config'>
export type Destination = NonNullable<Notifications['active']>
export type DestinationType = Destination['destination_type']
export type Category = Destination['event_categories'][number]
export type Publisher = Notifications['publisher']
export type Attempt = Notifications['delivery_history'][number]
export type Delivery = AnswerOf<'GET /admin/notifications/deliveries'>['deliveries'][number]
export type DeliveryState = Delivery['state']
export type DeliveriesQuery = NonNullable<Wish<'GET /admin/notifications/deliveries'>['query']>

/** As often as the outbox runs; a hidden tab asks nothing. */
const MINUTE = 60_000

export const notificationsQuery = queryOptions({
  queryKey: ['notifications', 'config'],
  queryFn: ({ signal }) => call('GET /admin/notifications/config', { signal }),
  refetchInterval: MINUTE,
})

export const deliveriesQuery = (query: DeliveriesQuery) =>
  queryOptions({
    queryKey: ['notifications', 'deliveries', query],
    queryFn: ({ signal }) => call('GET /admin/notifications/deliveries', { query, signal }),
    placeholderData: (before) => before,
    refetchInterval: MINUTE,
  })

export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: ['notifications', 'delivery', id],
    queryFn: ({ signal }) => call('GET /admin/notifications/deliveries/{id}', { params: { id }, signal }),
    staleTime: 0,
  })

export const samplesQuery = queryOptions({
  queryKey: ['notification-samples'],
  queryFn: ({ signal }) => call('GET /admin/notifications/samples', { signal }),
})

export const readNotificationsAnew = (queries: QueryClient): Promise<void> =>
  queries.invalidateQueries({ queryKey: ['notifications'] })
