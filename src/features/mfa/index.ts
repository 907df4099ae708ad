export { mfaEndpoints } from './routes.ts'
