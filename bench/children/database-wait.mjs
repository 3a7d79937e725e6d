// Loaded before the plain server (`node --import`): tells how long requests wait for the database. It listens to Node's own
// channels, so nothing of it is in the server. Asked over IPC, it answers with the waits since it was last asked, in ms: of
// each request, the time in which at least one of the operations before the model is called was under way.
import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'

/** What a request waits for before Bedrock is asked: the allowance, and the pending item beside it. */
const BEFORE = new Set(['BatchGetItem', 'PutItem'])

const current = new AsyncLocalStorage()
const waits = []

subscribe('http.server.request.start', () => current.enterWith({ open: 0, from: 0, waited: 0 }))

subscribe('http.client.request.start', ({ request }) => {
  const operation = String(request.getHeader('x-amz-target') ?? '').split('.')[1]
  const mine = current.getStore()
  if (mine === undefined || !BEFORE.has(operation)) return
  if (mine.open++ === 0) mine.from = performance.now()
  request.once('response', () => {
    if (--mine.open > 0) return
    if (mine.waited === 0) waits.push(mine)
    mine.waited += performance.now() - mine.from
  })
})

process.on('message', () => process.send(waits.splice(0).map(({ waited }) => waited)))
// The channel to the bench must not keep the server alive; and without the bench there is nothing to serve.
process.on('disconnect', () => process.exit())
