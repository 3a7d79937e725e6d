/** Entry of the deployed `control` function: `/admin`, `/auth`, `/scim`, `/metrics`, `/health/deep`. */
import { streaming } from '../../http/streaming.host.ts'
import { openSecrets } from '../../identity/secrets.client.ts'
import { readEnvironment } from '../../platform/environment.host.ts'
import { openDocuments } from '../../table/document.store.ts'
import { controlApp } from './app.ts'
import { ControlEnv } from './env.ts'
import { controlServices } from './services.ts'

export const handler = streaming(
  controlApp(controlServices(readEnvironment(ControlEnv), { documents: openDocuments(), secrets: openSecrets() })),
)
