import type { Endpoint } from '../../platform/http/endpoint.ts'
import { apiKeyEndpoints } from './routes.ts'

/** The same calls under `/users/api-keys`, as clients of another system know them. */
export const apiKeyAliasEndpoints: Endpoint[] = apiKeyEndpoints.map(({ spec, handler }) => ({
  spec: { ...spec, path: `/users${spec.path}`, operationId: `${spec.operationId}UnderUsers` },
  handler,
}))
