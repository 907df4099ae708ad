import { runPart } from '../../dev/stack/part.ts'
import { startUpstream, type UpstreamOptions } from './server.ts'

runPart<UpstreamOptions>(startUpstream)
