import type { PoolCopy, Thing } from '../../../ports/leases.ts'

export type { Claim, Demand, DroppedFields, Thing, Verdict } from '../../../ports/leases.ts'

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
  /** The copy is the thing's own, and no template. */
  isOwn: boolean
}
