export * from './api-keys.ts'
export * from './plugin-accounts.ts'
export * from './usage-logs.ts'
export * from './users.ts'
