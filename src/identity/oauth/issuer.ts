import type { Context } from 'hono'
import type { AppEnv } from '../../app-env.ts'
import { ownAddress } from '../../platform/http/own-address.ts'

/** Our address as applications know it: `iss`, and where everything below begins. */
export function issuerOf(c: Context<AppEnv>): string {
  return ownAddress(c.get('ctx').config, c.req.url)
}
