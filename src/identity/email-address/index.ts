export { expireEmailChanges } from './expire.ts'
export { pendingEmailChange } from './pending.ts'
export { emailAddressEndpoints } from './routes.ts'
export { PendingEmailChange } from './schemas.ts'
