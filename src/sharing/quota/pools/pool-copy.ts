import type { PoolCopy } from '../../../ports/leases.ts'

export type { PoolCopy }

/** As it is kept in Redis; a script reads it too. */
export function encodeCopy(copy: PoolCopy): string {
  const { balance, accruedAt, remainder, ceiling, version, shared, dedicated } = copy
  return [balance, accruedAt, remainder, ceiling, version, shared, dedicated].join(':')
}

/** As it is handed to Redis, with the epoch in which it was read or written. */
export const encodeFill = (copy: PoolCopy, epoch: string) => `${encodeCopy(copy)}@${epoch}`

/** Null for text that is none. */
export function decodeCopy(text: string): PoolCopy | null {
  const numbers = text.split(':').map(Number)
  if (numbers.length !== 7 || numbers.some((number) => !Number.isSafeInteger(number))) return null
  const [
    balance = 0,
    accruedAt = 0,
    remainder = 0,
    ceiling = 0,
    version = 0,
    shared = 0,
    dedicated = 0,
  ] = numbers
  return { balance, accruedAt, remainder, ceiling, version, shared, dedicated }
}
