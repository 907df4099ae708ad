import type { Answer } from '../../lib/api.ts'

/** An AI account with what it has left. */
export type Account = Answer<'/api/usage/accounts', 'get'>['data'][number]
