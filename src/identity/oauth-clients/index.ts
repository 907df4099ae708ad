export { oauthClientEndpoints } from './routes.ts'
