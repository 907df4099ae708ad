import { describe, expect, it } from 'vitest'
import { createSecretBox, SecretBoxError } from '../../../src/platform/crypto/secret-box.ts'

const key = (fill: number) => new Uint8Array(32).fill(fill)

describe('the secret box', () => {
  it('opens what it sealed, never the same text twice', async () => {
    const box = createSecretBox([key(1)])
    const [first, second] = [await box.seal('sk-secret', 'a:1'), await box.seal('sk-secret', 'a:1')]
    expect(first).toMatch(/^v1\.[\w-]{8}\.[\w-]{16}\.[\w-]+$/)
    expect(first).not.toBe(second)
    expect(await box.open(first, 'a:1')).toBe('sk-secret')
  })

  it('opens for its owner only', async () => {
    const box = createSecretBox([key(1)])
    const sealed = await box.seal('sk-secret', 'a:1')
    await expect(box.open(sealed, 'a:2')).rejects.toBeInstanceOf(SecretBoxError)
  })

  it('notices every changed part', async () => {
    const box = createSecretBox([key(1)])
    const sealed = await box.seal('sk-secret', 'a:1')
    const parts = sealed.split('.')
    for (let index = 0; index < parts.length; index++) {
      const changed = parts.with(
        index,
        (parts[index] ?? '').replace(/^./, (char) => (char === 'A' ? 'B' : 'A')),
      )
      await expect(box.open(changed.join('.'), 'a:1')).rejects.toBeInstanceOf(SecretBoxError)
    }
  })

  it('reads with every key and writes with the first', async () => {
    const old = await createSecretBox([key(1)]).seal('sk-secret', 'a:1')
    const rotated = createSecretBox([key(2), key(1)])
    expect(await rotated.open(old, 'a:1')).toBe('sk-secret')
    await expect(
      createSecretBox([key(1)]).open(await rotated.seal('x', 'a:1'), 'a:1'),
    ).rejects.toThrow()
    await expect(createSecretBox([key(2)]).open(old, 'a:1')).rejects.toThrow()
  })
})
