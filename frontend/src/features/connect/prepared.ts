/** A key, and the token by which a script may fetch it once. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type AnswerOf, ApiError, call } from '../../api/client.ts'
import { dropFromHand, type KeyInHand, keyInHand } from '../../shell/key-in-hand.ts'

type SetupToken = Pick<AnswerOf<'POST /admin/keys/{id}/setup-token'>, 'id' | 'token' | 'expires_at'>

export interface Prepared {
  readonly key: KeyInHand
  /** Absent where no script will fetch the key. */
  readonly setup: SetupToken | undefined
}

/** What makes a key a key; the gateway compares the rest. */
const KEY = /^sk-proxy-[0-9a-f]{64}$/
/** As much of a key as a list shows, and is searched by. */
const PREFIX_LENGTH = 16

async function create(name: string): Promise<Prepared> {
  const { id, key, setup } = await call('POST /admin/keys', { body: { name, setup: true } })
  return { key: { id, name, raw: key }, setup: setup ?? undefined }
}

async function renew(key: KeyInHand): Promise<Prepared> {
  const setup = await call('POST /admin/keys/{id}/setup-token', { params: { id: key.id }, body: { raw_key: key.raw } })
  return { key, setup }
}

/** The list knows a key by its head; whether the rest is right the gateway says. */
async function find(raw: string): Promise<KeyInHand> {
  if (!KEY.test(raw)) throw new ApiError('raw_key: A key is sk-proxy- and 64 characters from 0-9 and a-f.', 400)
  const q = raw.slice(0, PREFIX_LENGTH)
  const { keys } = await call('GET /admin/keys', { query: { q, status: 'active' } })
  const [found] = keys.filter(({ prefix }) => raw.startsWith(prefix.replace(/\.+$/, '')))
  if (found === undefined) throw new ApiError('raw_key: No active key of yours begins like this one.', 404)
  return { id: found.id, name: found.name ?? found.prefix, raw }
}

export type Preparation =
  | { readonly by: 'name'; readonly name: string }
  | { readonly by: 'key'; readonly raw: string }
  | { readonly by: 'hand'; readonly key: KeyInHand }

export function usePrepared() {
  const queries = useQueryClient()
  const [inHand] = useState(keyInHand)
  const [prepared, setPrepared] = useState<Prepared | undefined>(inHand && { key: inHand, setup: undefined })
  const prepare = useMutation({
    mutationFn: async (wish: Preparation): Promise<Prepared> => {
      if (wish.by === 'name') return await create(wish.name)
      return await renew(wish.by === 'hand' ? wish.key : await find(wish.raw))
    },
    onSuccess: async (made) => {
      setPrepared(made)
      dropFromHand()
      await queries.invalidateQueries({ queryKey: ['keys'] })
    },
  })
  return { prepared, prepare }
}
