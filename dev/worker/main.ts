import { runPart } from '../stack/part.ts'
import { startWorker } from './server.ts'

runPart(startWorker)
