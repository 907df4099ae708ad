export { expireClients } from './expire.ts'
export { registrationEndpoints } from './registration-routes.ts'
export { oauthClientEndpoints } from './routes.ts'
