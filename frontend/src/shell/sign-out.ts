/** Signing out ends the session on the server; a full load of the sign-in page is the proof that nothing stays behind. */
import { call } from '../api/client.ts'

const channel = new BroadcastChannel('session')

const leave = (): void => location.assign('/portal/sign-in')

export async function signOut(): Promise<void> {
  await call('POST /auth/logout')
  channel.postMessage('signed out')
  leave()
}

/** The other tabs of this browser show the same person's data. */
export function leaveWithOthers(): () => void {
  channel.addEventListener('message', leave)
  return () => channel.removeEventListener('message', leave)
}
