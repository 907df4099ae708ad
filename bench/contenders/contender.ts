import type { Program } from '../processes/workerd.ts'

/** The names in the order of the tables and of the turns. */
export const CONTENDERS = ['direct', 'bare', 'antigravity', 'openai', 'portkey'] as const

export type ContenderName = (typeof CONTENDERS)[number]

export const TITLES: Record<ContenderName, string> = {
  direct: 'nothing in front',
  bare: 'bare Worker',
  antigravity: 'ours, dialect antigravity',
  openai: 'ours, dialect openai',
  portkey: 'Portkey 1.15.2',
}

/** Something that answers chat requests. */
export interface Contender {
  name: ContenderName
  url: string
  /** What its requests carry besides the body. */
  headers: Record<string, string>
  /** The measured process; null where nothing stands in front of the upstream. */
  program: Program | null
}

/** Why a contender takes no part. */
export interface Absent {
  name: ContenderName
  reason: string
}
