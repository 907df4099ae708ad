import { runPart } from '../stack/part.ts'
import { startNeon } from './server.ts'

runPart(startNeon)
