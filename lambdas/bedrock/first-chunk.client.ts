/** A stream is handed on with its first chunk in hand: until then a refusal can still be one, and another endpoint be asked. */
import { faultOf } from './faults.ts'

/** @throws Fault where the stream ends before anything came, and what the stream throws before its first chunk. */
export async function withFirstInHand(
  chunks: AsyncGenerator<Uint8Array, void>,
  model: string,
): Promise<AsyncGenerator<Uint8Array, void>> {
  const first = await chunks.next()
  if (first.done === true) {
    throw faultOf(
      {
        name: 'EmptyStream',
        message: 'Bedrock ended the answer before it began.',
        status: 503,
        retryAfterSeconds: undefined,
      },
      model,
    )
  }
  return startingWith(first.value, chunks)
}

async function* startingWith(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield first
    yield* rest
  } finally {
    // Whoever takes the first chunk and no more ends the connection all the same.
    await rest.return()
  }
}
