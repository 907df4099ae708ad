import type { StreamTranslator } from '../dialects/index.ts'
import type { Outlet } from './outlet.ts'
import type { Watchdog } from './watchdog.ts'

/** The parts of one stream that is under way. */
export interface StreamParts {
  translator: StreamTranslator
  outlet: Outlet
  watchdog: Watchdog
}
