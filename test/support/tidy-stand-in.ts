import { afterAll } from 'vitest'
import { standIn } from './stack.ts'

/**
 * Leaves the stand-in to the next file as this one found it: with no settings and failures of its own,
 * and with no account that is lent. A call on one takes part in what that account loses to the next
 * ones, whatever it cost itself.
 */
afterAll(async () => {
  await standIn('reset-config', {})
  await standIn('reset-armed', {})
  await standIn('take-back', {})
})
