import { describe, expect, it } from 'vitest'
import {
  hashPassword,
  isCurrentHash,
  isReadableHash,
  verifyPassword,
} from '../../../../src/platform/crypto/password.ts'
import { DEFAULT_COST } from '../../../../src/platform/crypto/password-formats/argon2id.ts'

/** Made by the Python libraries of the systems that people come from, from one password. */
const PASSWORD = 'Grüße von 東京 42'
const FOREIGN = {
  'bcrypt $2b$': '$2b$06$UFJuIhslksLm0hPHOy1pheZ.u/wR4kAhHpnOtQfmTJGyUrcVmSCQ2',
  'bcrypt $2a$': '$2a$05$IKwRdju/tS5fD2wlUsl1QuqOD.TynrLGSp3YdEQx0tOXebbvIUSdS',
  'bcrypt $2y$': '$2y$05$IKwRdju/tS5fD2wlUsl1QuqOD.TynrLGSp3YdEQx0tOXebbvIUSdS',
  'argon2-cffi with other parameters':
    '$argon2id$v=19$m=8192,t=1,p=4$bnAe5CJ5gBB2zoASLnathg$nKBfDaTIxgsOWnN+P7mndai4+Vj5Tb+WMxfAIAIbcMg',
  'argon2-cffi by default':
    '$argon2id$v=19$m=65536,t=3,p=4$G37YyXOvzYMDI1Ds9Gf0rw$SVmMqs3HsXB6mej4xy7leRRZTCIvixiyCcAMjWZ0gcs',
  'werkzeug scrypt':
    'scrypt:32768:8:1$vLmnAEl3aQuHdphq$6531ed23a931a986825877c1e064fc3b03927c64eaa4eef948ef6624de778b95975e147aea6226ca613c484034cddaa366c5226cda5a5447f91ce9478394c58c',
  'werkzeug pbkdf2 above what Workers do natively':
    'pbkdf2:sha256:600000$iIcuL14iUEX1eBnH$40b2747a505bb2bf4f33086b7a43a441b091bee445521f1e3d3706c2f214b04c',
  'werkzeug pbkdf2':
    'pbkdf2:sha256:50000$9qp1uEoPegk0w1f0$2b1770411952f64240e99ebb4ddcf11c9101347ec38dd76a75679a3c7c5fa2b7',
  'werkzeug pbkdf2 with SHA-512':
    'pbkdf2:sha512:1000$80TgFUOXWdEchLPH$feda6e7aaeb10023d94758aea8f93c01ade9f5d010ef0fc1712e4fb664eb6d95c288b12d90e900c1f235f6857d92d8d9ce0a20236499b19d4d34f8ec2dfc9fab',
}
/** The same with a password that was typed as letters and combining marks. */
const DECOMPOSED = 'Grüße'.normalize('NFD')
const OF_DECOMPOSED =
  'pbkdf2:sha256:1000$Ug51lTFeltPPSjMN$72933b8d0da61a635e1cd7f8a4585483e5c1f8d40017a381bad267e491d81588'

const salt = Uint8Array.from({ length: 16 }, (_, index) => index)

describe('our own hashes', () => {
  it('verify, whichever way the keyboard composes letters', async () => {
    const hash = await hashPassword('Grüße'.normalize('NFC'), salt, DEFAULT_COST)
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(isCurrentHash(hash, DEFAULT_COST)).toBe(true)
    expect(await verifyPassword(DECOMPOSED, hash, DEFAULT_COST)).toBe(true)
    expect(await verifyPassword('Grusse', hash, DEFAULT_COST)).toBe(false)
  })

  it('match nobody where there is nobody', async () => {
    expect(await verifyPassword('', null, DEFAULT_COST)).toBe(false)
    expect(await verifyPassword(PASSWORD, null, DEFAULT_COST)).toBe(false)
  })
})

describe('hashes from elsewhere', () => {
  it.each(Object.entries(FOREIGN))('%s', async (_, hash) => {
    expect(isReadableHash(hash)).toBe(true)
    expect(isCurrentHash(hash, DEFAULT_COST)).toBe(false)
    expect(await verifyPassword(PASSWORD, hash, DEFAULT_COST)).toBe(true)
    expect(await verifyPassword(`${PASSWORD}.`, hash, DEFAULT_COST)).toBe(false)
  })

  it('were made from the letters as they were typed', async () => {
    expect(await verifyPassword(DECOMPOSED, OF_DECOMPOSED, DEFAULT_COST)).toBe(true)
    expect(await verifyPassword(DECOMPOSED.normalize('NFC'), OF_DECOMPOSED, DEFAULT_COST)).toBe(
      false,
    )
  })
})

describe('hashes that are not worth their cost, or none at all', () => {
  it.each([
    '',
    'secret',
    '$2b$31$UFJuIhslksLm0hPHOy1pheZ.u/wR4kAhHpnOtQfmTJGyUrcVmSCQ2',
    '$argon2id$v=19$m=4194304,t=3,p=1$bnAe5CJ5gBB2zoASLnathg$nKBfDaTIxgsOWnN+P7mndai4+Vj5Tb+WMxfAIAIbcMg',
    '$argon2id$v=19$m=19456,t=9999,p=1$bnAe5CJ5gBB2zoASLnathg$nKBfDaTIxgsOWnN+P7mndai4+Vj5Tb+WMxfAIAIbcMg',
    '$argon2i$v=19$m=19456,t=2,p=1$bnAe5CJ5gBB2zoASLnathg$nKBfDaTIxgsOWnN+P7mndai4+Vj5Tb+WMxfAIAIbcMg',
    `scrypt:1073741824:8:1$salt$${'00'.repeat(64)}`,
    `scrypt:32767:8:1$salt$${'00'.repeat(64)}`,
    `pbkdf2:sha256:100000000$salt$${'00'.repeat(32)}`,
    `pbkdf2:constructor:1000$salt$${'00'.repeat(32)}`,
    'pbkdf2:sha256:1000$salt$',
  ])('%s', async (hash) => {
    expect(isReadableHash(hash)).toBe(false)
    expect(await verifyPassword(PASSWORD, hash, DEFAULT_COST)).toBe(false)
  })
})
