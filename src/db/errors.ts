import { NeonDbError } from '@neondatabase/serverless'
import { DrizzleQueryError } from 'drizzle-orm'
import { CONFLICTS } from './conflicts.ts'

/** SQLSTATE classes that say "the server is not there", not "the statement is wrong". */
const OUTAGE_CLASSES = ['08', '53', '57', '58']

function databaseError(error: unknown): NeonDbError | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof NeonDbError) return current
  }
  return undefined
}

/** The name of the unique constraint that a write ran into, or undefined for any other failure. */
export function uniqueViolation(error: unknown): string | undefined {
  const cause = databaseError(error)
  return cause?.code === '23505' ? cause.constraint : undefined
}

/** Whether a failure is the database's, of whatever kind. */
export function isOfDatabase(error: unknown): boolean {
  return databaseError(error) !== undefined || isDatabaseOutage(error)
}

/** Whether the database could not be reached or could not serve, as opposed to refusing a statement. */
export function isDatabaseOutage(error: unknown): boolean {
  const cause = databaseError(error)
  if (cause) {
    const { code } = cause
    return !code || OUTAGE_CLASSES.includes(code.slice(0, 2)) || CONFLICTS.includes(code)
  }
  // The driver passes on as it is whatever goes wrong while an answer is being read.
  return error instanceof DrizzleQueryError && isBrokenTransfer(error.cause)
}

function isBrokenTransfer(error: unknown): boolean {
  if (error instanceof DOMException) return true
  if (error instanceof TypeError || error instanceof SyntaxError) return true
  return error instanceof Error && error.message.startsWith('Network connection lost')
}

/** The SQLSTATE of a refused statement, for the log: unlike the message it contains no values. */
export function sqlStateOf(error: unknown): string | undefined {
  return databaseError(error)?.code
}
