export { GRANT_TYPES } from './grants/index.ts'
export { providerEndpoints } from './provider-routes.ts'
export { isRedirectUri } from './redirect-uri.ts'
export { oauthEndpoints } from './routes.ts'
