import { describe, expect, it } from 'vitest'
import { hashPassword, verifyPassword } from '../../../src/platform/crypto/password.ts'
import { DEFAULT_COST } from '../../../src/platform/crypto/password-formats/argon2id.ts'

const salt = new Uint8Array(16).fill(9)

describe('passwords', () => {
  it('are kept as Argon2id PHC strings with the cost that is stated', async () => {
    const hash = await hashPassword('correct horse', salt, DEFAULT_COST)
    expect(hash).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    )
    expect(await verifyPassword('correct horse', hash, DEFAULT_COST)).toBe(true)
    expect(await verifyPassword('correct horsf', hash, DEFAULT_COST)).toBe(false)
  })

  it('are compared after NFC, so that two keyboards spell them alike', async () => {
    const hash = await hashPassword('é', salt, DEFAULT_COST)
    expect(await verifyPassword('e\u0301', hash, DEFAULT_COST)).toBe(true)
  })

  it('of nobody never match, whatever is tried', async () => {
    expect(await verifyPassword('', null, DEFAULT_COST)).toBe(false)
    expect(await verifyPassword('correct horse', null, DEFAULT_COST)).toBe(false)
  })

  it.each([
    '',
    'plain',
    '$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA',
    '$argon2id$v=19$nonsense$AAAA$AAAA',
  ])('do not match the malformed hash %j', async (hash) => {
    expect(await verifyPassword('x', hash, DEFAULT_COST)).toBe(false)
  })
})
