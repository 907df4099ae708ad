export { apiKeyAliasEndpoints } from './aliases.ts'
export { apiKeyEndpoints } from './routes.ts'
