/** The sessions that AssumeRole opened: whose an access key is, with what tags, until when. */
import { randomBytes } from 'node:crypto'
import { type Identification, type Identity, ownIdentity } from './caller.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiresAt: Date
}

export interface AssumedRole extends Credentials, Identity {
  readonly roleId: string
  readonly sessionName: string
  /** Tags that a session assumed from this one inherits. */
  readonly transitive: readonly string[]
}

export interface Opening {
  readonly role: Role
  readonly sessionName: string
  readonly seconds: number
  readonly tags: Readonly<Record<string, string>>
  readonly transitive: readonly string[]
}

export interface Sessions {
  open(opening: Opening): AssumedRole
  find(accessKeyId: string): AssumedRole | undefined
  identify(accessKeyId: string, sessionToken: string | undefined): Identification
  all(): readonly AssumedRole[]
}

/** Keys of temporary credentials begin so. Source: AWS IAM user guide, "Understanding unique ID prefixes". */
const TEMPORARY = 'ASIA'
const ROLE = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/

interface Role {
  readonly partition: string
  readonly account: string
  readonly name: string
}

/** @returns what the ARN of a role says; `undefined` when it is none. */
export function roleOf(arn: string): Role | undefined {
  const [, partition, account, name] = ROLE.exec(arn) ?? []
  if (partition === undefined || account === undefined || name === undefined) return undefined
  return { partition, account, name }
}

export function createSessions(now: () => Date): Sessions {
  const opened = new Map<string, AssumedRole>()
  return {
    open(opening) {
      const { partition, account, name } = opening.role
      const session: AssumedRole = {
        accessKeyId: `${TEMPORARY}${randomId()}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: randomBytes(96).toString('base64'),
        expiresAt: new Date(now().getTime() + opening.seconds * 1000),
        account,
        arn: `arn:${partition}:sts::${account}:assumed-role/${name}/${opening.sessionName}`,
        roleId: `AROA${randomId()}`,
        sessionName: opening.sessionName,
        sessionTags: opening.tags,
        transitive: opening.transitive,
      }
      opened.set(session.accessKeyId, session)
      return session
    },
    find: (accessKeyId) => opened.get(accessKeyId),
    identify(accessKeyId, sessionToken) {
      if (!accessKeyId.startsWith(TEMPORARY)) return ownIdentity(accessKeyId)
      const session = opened.get(accessKeyId)
      if (session === undefined || session.sessionToken !== sessionToken) return 'invalid'
      return session.expiresAt <= now() ? 'expired' : session
    },
    all: () => [...opened.values()],
  }
}

/** Sixteen capital letters and digits, as AWS's ids have. */
const randomId = (): string =>
  [...randomBytes(16)].map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]).join('')
