/** The process of the local Upstash. */

import { runPart } from '../stack/part.ts'
import { startUpstash, type UpstashOptions } from './server.ts'

runPart<UpstashOptions>(startUpstash)
