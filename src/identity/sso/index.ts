import type { Endpoint } from '../../platform/http/endpoint.ts'
import { identityEndpoints } from './identity-routes.ts'
import { loginEndpoints } from './routes.ts'

export { listOwnIdentities } from './identity-view.ts'
export { revokeGrants } from './provider-tokens.ts'
export { deleteIdentitiesOf } from './queries.ts'
export { Identity } from './schemas.ts'

export const ssoEndpoints: Endpoint[] = [...loginEndpoints, ...identityEndpoints]
