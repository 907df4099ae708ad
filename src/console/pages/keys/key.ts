import type { Answer } from '../../lib/api.ts'

/** A key as its owner sees it later: never the key itself. */
export type Key = Answer<'/api/api-keys', 'get'>[number]
