import { streaming } from '../../http/streaming.host.ts'
import { controlApp } from './app.ts'

export const handler = streaming(controlApp())
