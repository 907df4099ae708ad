export { apiKeyEndpoints } from './routes.ts'
