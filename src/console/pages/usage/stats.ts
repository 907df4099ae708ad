import type { Answer } from '../../lib/api.ts'

export type Stats = Answer<'/api/usage/stats', 'get'>
