import type { Consents } from './consents.ts'
import type { Faults } from './faults.ts'
import type { Pacer } from './pacer.ts'
import type { RequestLog } from './request-log.ts'
import type { Settings } from './settings.ts'
import type { Store } from './store.ts'
import type { Upstream } from './upstream.ts'

/** Everything that the handlers of one running stand-in share. */
export interface Plugin {
  /** Own address, without a trailing slash. */
  url: string
  adminKey: string
  /** Where consent sends the browser. */
  redirectUri: string
  store: Store
  settings: Settings
  faults: Faults
  requests: RequestLog
  consents: Consents
  pacer: Pacer
  /** The server that chat is forwarded to; without one the answers are made up. */
  upstream: Upstream | undefined
  /** The current time in epoch milliseconds, shifted by the configured offset. */
  now(): number
}
