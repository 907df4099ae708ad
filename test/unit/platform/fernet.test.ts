import { describe, expect, it } from 'vitest'
import { createFernetReader } from '../../../dev/import/fernet.ts'

// https://github.com/fernet/spec/blob/master/generate.json
const KEY = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4='
const TOKEN =
  'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=='
const OTHER = Buffer.alloc(32, 7).toString('base64url')

describe('the reader of Fernet tokens', () => {
  it("opens the specification's own token, whichever of its keys made it", async () => {
    await expect(createFernetReader([KEY]).open(TOKEN)).resolves.toBe('hello')
    await expect(createFernetReader([OTHER, KEY]).open(TOKEN)).resolves.toBe('hello')
  })

  it('opens nothing of which one bit has changed, and nothing of another key', async () => {
    const reader = createFernetReader([KEY])
    const bytes = Buffer.from(TOKEN, 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const altered = Buffer.from(bytes)
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      await expect(reader.open(altered.toString('base64url'))).rejects.toThrow('no key opens it')
    }
    await expect(createFernetReader([OTHER]).open(TOKEN)).rejects.toThrow('no key opens it')
    for (const text of ['', 'not a token', TOKEN.slice(0, 40)])
      await expect(reader.open(text)).rejects.toThrow('no key opens it')
  })

  it('refuses a key of another length', () => {
    expect(() => createFernetReader(['c2hvcnQ'])).toThrow('32 bytes')
  })
})
