import type { Endpoint } from '../../platform/http/endpoint.ts'
import { identityEndpoints } from './identity-routes.ts'
import { loginEndpoints } from './routes.ts'

export const ssoEndpoints: Endpoint[] = [...loginEndpoints, ...identityEndpoints]
