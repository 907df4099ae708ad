import { oneAtATime } from './one-at-a-time.ts'
import { argon2id, hashArgon2id, isCurrentArgon2id, NOBODY } from './password-formats/argon2id.ts'
import { bcrypt } from './password-formats/bcrypt.ts'
import type { PasswordFormat } from './password-formats/format.ts'
import { werkzeug } from './password-formats/werkzeug.ts'

/** What is read: our own format, and those of the systems whose people move here. */
const FORMATS: readonly PasswordFormat[] = [argon2id, bcrypt, werkzeug]

/**
 * Hashes a password with Argon2id (RFC 9106), whose cost is OWASP's second recommended setting.
 *
 * @param password any text; compared after NFC, so that two keyboards spell it alike
 * @param salt 16 random bytes
 * @returns a PHC string, `$argon2id$v=19$m=…,t=…,p=…$salt$tag`
 */
export async function hashPassword(password: string, salt: Uint8Array): Promise<string> {
  return oneAtATime(() => hashArgon2id(password.normalize('NFC'), salt))
}

/**
 * Compares a password with a stored hash: Argon2id, bcrypt, or werkzeug's scrypt and PBKDF2.
 *
 * @param stored null when there is nobody to compare with: the answer is false, after the same work
 */
export function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  return oneAtATime(() => verifyNow(password, stored))
}

async function verifyNow(password: string, stored: string | null): Promise<boolean> {
  const hash = stored ?? NOBODY
  const format = FORMATS.find((candidate) => candidate.reads(hash))
  // A hash that nobody can read must not be told apart from a wrong password by its speed.
  if (!format) return verifyNow(password, null)
  const normal = password.normalize('NFC')
  if (await format.verify(normal, hash)) return stored !== null
  // The other systems hashed what the keyboard sent.
  return format !== argon2id && password !== normal && format.verify(password, hash)
}

/** Whether a hash is what `hashPassword` makes today; any other is replaced at the next login. */
export function isCurrentHash(stored: string): boolean {
  return isCurrentArgon2id(stored)
}

/** Whether `verifyPassword` can read a hash, at a cost that this Worker is willing to pay. */
export function isReadableHash(stored: string): boolean {
  return FORMATS.some((format) => format.reads(stored))
}
