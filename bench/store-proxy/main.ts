import { runPart } from '../../dev/stack/part.ts'
import { type StoreProxyOptions, startStoreProxy } from './server.ts'

runPart<StoreProxyOptions>(startStoreProxy)
