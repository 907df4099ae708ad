export { expireEmailChanges } from './expire.ts'
export { emailAddressEndpoints } from './routes.ts'
