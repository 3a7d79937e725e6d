/**
 * A test that reaches for the outside fails at once, with the address in its message, instead of passing on one machine and
 * hanging on another. It holds for the test's own process; what a test starts as a process of its own is not watched.
 */
import { type NetConnectOpts, Socket } from 'node:net'

const LOCAL = /^(?:localhost|(?:.+[.])?localhost|127(?:[.]\d+){3}|::1|\[::1\])$/

interface Guarded {
  connect: (this: Socket, ...args: unknown[]) => Socket
}

const prototype = Socket.prototype as unknown as Guarded
const connect = prototype.connect

/** `connect` takes options, port and host, or a path; node:net itself hands over what it made of them, as a list. */
function hostOf(args: readonly unknown[]): string | undefined {
  const [first, second] = args
  if (Array.isArray(first)) return hostOf(first)
  if (typeof first === 'object' && first !== null) {
    const options = first as Partial<NetConnectOpts> & { path?: string | null; host?: string }
    // An agent writes `path: null` where there is no pipe.
    return options.path ? undefined : options.host
  }
  return typeof second === 'string' && !Number.isNaN(Number(first)) ? second : undefined
}

prototype.connect = function connectLocally(...args) {
  const host = hostOf(args)
  if (host === undefined || host === '' || LOCAL.test(host)) return connect.apply(this, args)
  process.nextTick(() => this.destroy(new Error(`a test reached for the outside: ${host}`)))
  return this
}
