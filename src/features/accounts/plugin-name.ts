import type { Random } from '../../platform/random.ts'

/** The plug-in allows 100 characters; a UUID and its separator take 37 of them. */
const PREFIX_LENGTH = 60

/** A name for somebody's plug-in user that nobody else's has, by which a lost answer is found again. */
export function pluginNameFor(random: Random, username: string): string {
  return `${username.slice(0, PREFIX_LENGTH)}.${random.uuid()}`
}
