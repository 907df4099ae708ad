export { type LentAccount, noteAccounts } from './note-accounts.ts'
