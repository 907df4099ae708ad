import { oneAtATime } from './one-at-a-time.ts'
import {
  type Argon2Cost,
  argon2id,
  hasCost,
  hashArgon2id,
  hashOfNobody,
} from './password-formats/argon2id.ts'
import { bcrypt } from './password-formats/bcrypt.ts'
import type { PasswordFormat } from './password-formats/format.ts'
import { werkzeug } from './password-formats/werkzeug.ts'

/** What is read: our own format, and those of the systems whose people move here. */
const FORMATS: readonly PasswordFormat[] = [argon2id, bcrypt, werkzeug]

/**
 * Hashes a password with Argon2id (RFC 9106).
 *
 * @param password any text; compared after NFC, so that two keyboards spell it alike
 * @param salt 16 random bytes
 * @returns a PHC string, `$argon2id$v=19$m=…,t=…,p=…$salt$tag`
 */
export async function hashPassword(
  password: string,
  salt: Uint8Array,
  cost: Argon2Cost,
): Promise<string> {
  return oneAtATime(() => hashArgon2id(password.normalize('NFC'), salt, cost))
}

/**
 * Compares a password with a stored hash: Argon2id, bcrypt, or werkzeug's scrypt and PBKDF2.
 *
 * @param stored null when there is nobody to compare with: the answer is false, after the same work
 * @param cost of the hashes that are made today
 */
export function verifyPassword(
  password: string,
  stored: string | null,
  cost: Argon2Cost,
): Promise<boolean> {
  return oneAtATime(() => verifyNow(password, stored, cost))
}

async function verifyNow(
  password: string,
  stored: string | null,
  cost: Argon2Cost,
): Promise<boolean> {
  const hash = stored ?? hashOfNobody(cost)
  const format = FORMATS.find((candidate) => candidate.reads(hash))
  // A hash that nobody can read must not be told apart from a wrong password by its speed.
  if (!format) return verifyNow(password, null, cost)
  const normal = password.normalize('NFC')
  if (await format.verify(normal, hash)) return stored !== null
  // The other systems hashed what the keyboard sent.
  return format !== argon2id && password !== normal && format.verify(password, hash)
}

/** Whether a hash is what `hashPassword` makes today; any other is replaced at the next login. */
export function isCurrentHash(stored: string, cost: Argon2Cost): boolean {
  return hasCost(stored, cost)
}

/** Whether `verifyPassword` can read a hash, at a cost that this Worker is willing to pay. */
export function isReadableHash(stored: string): boolean {
  return FORMATS.some((format) => format.reads(stored))
}
