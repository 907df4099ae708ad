import { describe, expect, it } from 'vitest'
import { readSealed, writeSealed } from '../../../../src/gateway/faces/signature.ts'

describe('a seal', () => {
  it('is read only where it is ours', () => {
    const text = 'ä語😀'.repeat(50_000)
    expect(readSealed(writeSealed({ signatures: { a: 'b' }, text }))).toEqual({
      signatures: { a: 'b' },
      text,
    })
    for (const other of ['', 'sa1.', 'sa1.!!', 'sa1.W10', 'EqQBCgIYAhIM', 7, undefined]) {
      expect(readSealed(other)).toBeNull()
    }
  })
})
