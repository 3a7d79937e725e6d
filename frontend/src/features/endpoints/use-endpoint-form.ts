import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, call, fieldOf } from '../../api/client.ts'
import { readEndpointsAnew } from '../../api/endpoint-queries.ts'
import type { EndpointDetails, GatewayPlace } from '../../api/endpoint-types.ts'
import {
  changesBetween,
  type Draft,
  type DraftErrors,
  type DraftField,
  draftOf,
  errorsIn,
  merged,
  newDraft,
  wishOf,
} from './draft.ts'

/** Somebody else has changed the endpoint since it was read. */
export interface Conflict {
  readonly base: Draft
  readonly theirs: EndpointDetails
}

/** @param endpoint What is changed; absent for a new one. */
export function useEndpointForm(
  endpoint: EndpointDetails | undefined,
  gateway: GatewayPlace,
  onSaved: (saved: EndpointDetails) => void,
) {
  const [base, setBase] = useState(() => (endpoint === undefined ? newDraft(gateway) : draftOf(endpoint)))
  const [rev, setRev] = useState(endpoint?.rev)
  const [draft, setDraft] = useState(base)
  const [found, setFound] = useState<DraftErrors>({})
  const [conflict, setConflict] = useState<Conflict>()
  const [complaints, setComplaints] = useState(0)
  const complain = (): void => setComplaints((before) => before + 1)
  /** @returns whether it may be asked. */
  const judge = (errors: DraftErrors): boolean => {
    setFound(errors)
    if (Object.keys(errors).length > 0) complain()
    return Object.keys(errors).length === 0
  }
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: () =>
      endpoint === undefined
        ? call('POST /admin/endpoints', { body: wishOf(draft) })
        : call('PATCH /admin/endpoints/{id}', {
            params: { id: endpoint.id },
            body: { ...changesBetween(base, draft), ...(rev !== undefined && { rev }) },
          }),
    onSuccess: async (saved) => {
      onSaved(saved)
      await readEndpointsAnew(queries)
    },
    onError: async (error) => {
      complain()
      if (endpoint === undefined || !(error instanceof ApiError) || error.status !== 409) return
      const theirs = await call('GET /admin/endpoints/{id}', { params: { id: endpoint.id } }).catch(() => undefined)
      if (theirs !== undefined && theirs.rev !== rev) setConflict({ base, theirs })
    },
  })
  const tryOut = useMutation({
    mutationFn: () => {
      const { name, ...rest } = wishOf(draft)
      return call('POST /admin/endpoints/test', { body: { ...rest, ...(name !== '' && { name }) } })
    },
    onError: complain,
  })
  const said = { ...refusalIn(tryOut.error), ...refusalIn(save.error), ...found }
  return {
    draft,
    isDirty: Object.keys(changesBetween(base, draft)).length > 0,
    /** Grows each time something is found wrong. */
    complaints,
    errorOf: (field: DraftField): string | undefined => said[field],
    set(change: Partial<Draft>): void {
      setDraft((before) => ({ ...before, ...change }))
      setFound((before) => Object.fromEntries(Object.entries(before).filter(([field]) => !(field in change))))
      // What was tried or refused is not what stands there now.
      if (!tryOut.isIdle) tryOut.reset()
      if (save.error !== null && conflict === undefined) save.reset()
    },
    save,
    submit(): void {
      if (judge(errorsIn(draft))) save.mutate()
    },
    tryOut,
    tryIt(): void {
      // It needs no name to be tried.
      const { name: _name, ...errors } = errorsIn(draft)
      if (judge(errors)) tryOut.mutate()
    },
    conflict,
    takeTheirs(): void {
      if (conflict === undefined) return
      const theirs = draftOf(conflict.theirs)
      setDraft(merged(base, draft, theirs))
      setBase(theirs)
      setRev(conflict.theirs.rev)
      setConflict(undefined)
      save.reset()
    },
  }
}

export type EndpointFormState = ReturnType<typeof useEndpointForm>

/** What the gateway says of one field, at that field. */
function refusalIn(error: Error | null): Readonly<Record<string, string>> {
  const refused = error instanceof ApiError ? fieldOf(error) : undefined
  return refused === undefined ? {} : { [refused.field]: refused.message }
}

const FIELDS = Object.keys(newDraft({ region: '', routing_prefix: 'us' }))

/** Whether its words have no field to stand at. */
export const isGeneral = (error: Error | null): error is Error =>
  error !== null && !Object.keys(refusalIn(error)).some((field) => FIELDS.includes(field))
