/*
 * What accounts lose, and who has caused it. Fractions and amounts are integers of 1/10,000 of an
 * account's quota; moments are milliseconds since the epoch on the plug-in's clock.
 */

/** A call of ours on an account, as the plug-in's consumption row tells of it. */
export interface SeenCall {
  logId: string
  model: string
  /** When it began, about; equal to `endedAt` where that is not known. */
  startedAt: number
  /** Whether that was measured, and cannot be too late. */
  isTimed: boolean
  endedAt: number
  /** What the plug-in knew to be left when it began, and what the vendor said at its end. */
  before: number
  after: number
  tokens: number
  /** Its row has been looked at before, and only now it is known whose call it was. */
  isKnown: boolean
}

/** A call's part in a drop, or in what is to show in the next one. */
export interface Share {
  logId: string
  model: string
  /** How much of the call fell into it, from 0 to 1. */
  part: number
  tokens: number
  amount: number
}

/** A loss that was seen at once. */
export interface Drop {
  id: string
  startedAt: number
  endedAt: number
  lost: number
  /** What nobody of ours can have used. */
  outside: number
  shares: Share[]
}

/** How an account stands with what the vendor measures together. */
export interface MeterState {
  /** The least that was seen in this period, and the most; what was lost in it is the difference. */
  level: number
  top: number
  /** When a call began to which the most was left. */
  topAt: number
  /** Before it this period cannot have begun; 0: it is the first that is known. */
  since: number
  openSince: number
  lastEndedAt: number
}

/** What a change needs to know of an account's past. */
export interface Past {
  /** Null: nothing was ever seen of it. */
  state: MeterState | null
  /** Those that may overlap with new calls. */
  drops: Drop[]
  /** What waits for the next drop. */
  open: Share[]
  /** What was left at the end of earlier calls, the latest last. */
  levels: { at: number; left: number }[]
}

/** What an account's past has become. */
export interface Change {
  state: MeterState
  /** New ones, and those that are shared out anew. */
  drops: Drop[]
  open: Share[]
  /** By how much what each call counts has changed; new calls are there with 0 at least. */
  changes: Map<string, number>
}
