import type { PoolCopy } from '../pools/pool-copy.ts'

/** Something that is shared out. */
export interface Thing {
  /** Its hash in Redis. */
  key: string
  /** The hash whose copy counts while it has none of its own. */
  templateKey?: string
  /** How much there is of what comes back when a call is over; null: what is used up, as its copy says. */
  capacity: number | null
}

/** What one call needs of a thing. */
export interface Demand {
  thing: Thing
  amount: number
}

/** What a call has got; given back when it is over, and then 0, so that it is given back once. */
export interface Claim {
  readonly thing: Thing
  amount: number
}

export type Verdict =
  | { type: 'granted'; claims: Claim[] }
  /** `free` may be below zero. */
  | { type: 'refused'; thing: Thing; free: number; copy: PoolCopy | null }
  /** Redis has no copy of it. */
  | { type: 'unknown'; thing: Thing }

/** Fields of a hash that are not needed any more. */
export interface DroppedFields {
  key: string
  fields: readonly string[]
}

/** A change of what is held of a thing, in one script call with others. */
export interface Change {
  thing: Thing
  /** What the call that it is made for uses. */
  use: number
  take: number
  slice: number
  fill: string
  isForced: boolean
}

/** What became of it. */
export interface Answer {
  taken: number
  free: number
  copy: PoolCopy | null
}
