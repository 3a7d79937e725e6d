/**
 * How often one may try to sign in. Per address, so that one machine cannot guess on; per name, so that many machines
 * cannot guess together. Both count in whole minutes of the clock; nobody else is locked out by either.
 */
import type { Instant } from '../platform/instant.ts'

/** Ten a minute: a person who mistypes never gets there, and a list of common passwords takes years. */
export const MOST_ATTEMPTS = 10

const MINUTE_MS = 60_000

export const addressSubject = (address: string): string => `ip:${address}`

/** Guesses of setup tokens are counted beside sign-ins, not with them. */
export const setupSubject = (address: string): string => `setup:${address}`

/** @param caselessName Names that differ in case only are one name. */
export const nameSubject = (caselessName: string): string => `name:${caselessName}`

/** Whole seconds until the running minute is over, at least one. */
export const secondsToNextMinute = (at: Instant): number =>
  Math.max(1, Math.ceil((MINUTE_MS - (at % MINUTE_MS)) / 1000))
