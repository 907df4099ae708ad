import type { Endpoint } from '../../platform/http/endpoint.ts'
import { accountEndpoints } from './account-routes.ts'
import { authorizationEndpoints } from './authorization-routes.ts'
import { newerEndpoints } from './newer-routes.ts'
import { quotaEndpoints } from './quota-routes.ts'
import { standingEndpoints } from './standing-routes.ts'
import { usageViewEndpoints } from './usage-routes.ts'

/** Bringing and lending AI accounts, and what the plug-in says about them. */
export const lendingEndpoints: Endpoint[] = [
  ...authorizationEndpoints,
  ...newerEndpoints,
  ...accountEndpoints,
  ...quotaEndpoints,
  ...usageViewEndpoints,
  ...standingEndpoints,
]

export { tellOfAccountsOff } from './tell-off.ts'
