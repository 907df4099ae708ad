import { runPart } from '../stack/part.ts'
import { startPlugin } from './server.ts'

runPart(startPlugin)
