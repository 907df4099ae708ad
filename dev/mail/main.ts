import { runPart } from '../stack/part.ts'
import { startMail } from './server.ts'

runPart(startMail)
