export { apiKeyAliasEndpoints } from './aliases.ts'
export { apiKeyEndpoints } from './routes.ts'
export { ApiKey } from './schemas.ts'
export { showKeys } from './show-keys.ts'
