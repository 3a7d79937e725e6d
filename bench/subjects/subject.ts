/** What is measured, and what it needs to run. */
import type { Target } from '../client.ts'

export interface Subject {
  readonly name: string
  readonly title: string
  readonly version: string
  readonly target: Target
  /** By which name it knows the model. */
  readonly model: string
  /** The processes that are the gateway. */
  pids(): Promise<readonly number[]>
  /** Those that work for it and would be elsewhere: its database, the emulation. */
  pidsBeside(): readonly number[]
  /** Waits for the database since last asked, in ms a request. */
  databaseWaitsMs?(): Promise<readonly number[]>
  stop(): Promise<void>
}

/** A subject that cannot be had on this machine, and why, in one line. */
export class Missing extends Error {}

export interface Surroundings {
  readonly bedrockUrl: string
  /** For the files of this run. */
  readonly folder: string
}

/** The last event of Anthropic's stream. */
export const endsWithMessageStop = (tail: string): boolean => tail.includes('event: message_stop')
