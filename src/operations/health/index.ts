export { healthEndpoints } from './routes.ts'
