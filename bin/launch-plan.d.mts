/** What is installed: what `npm start` needs, or everything. */
export type Profile = 'start' | 'full'

export interface Marker {
  readonly profile: Profile
  readonly lockHash: string
}

export interface Machine {
  readonly version: string
  readonly platform: string
  readonly arch: string
  readonly libc: 'glibc' | 'musl' | 'none'
}

export type NodePlan =
  | { readonly kind: 'this one' }
  | { readonly kind: 'private'; readonly name: string; readonly binary: string }
  | { readonly kind: 'refused'; readonly reason: string }

export interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>
}

interface LockEntry {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
}

export interface NpmSearch {
  readonly execPath: string
  readonly npmExecPath: string | undefined
  readonly path: string | undefined
  readonly platform: string
}

export function nodePlan(machine: Machine): NodePlan
export function profileOf(command: string): Profile
export function needsInstall(profile: Profile, marker: Marker | undefined, lockHash: string): boolean
export function installedProfile(lock: LockFile, installed: LockFile): Profile | undefined
export function installArguments(profile: Profile, marker: Marker | undefined, lockHash: string): string[]
export function npmPlaces(search: NpmSearch): string[]
export function npmComplaint(output: string): string
