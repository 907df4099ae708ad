import { describe, expect, it } from 'vitest'
import { mapBounded } from '../../../src/platform/bounded.ts'

describe('mapBounded', () => {
  it('keeps the order, and never has more under way than it may', async () => {
    const items = Array.from({ length: 20 }, (_, index) => index)
    let running = 0
    let most = 0
    const doubled = await mapBounded(items, 3, async (item) => {
      most = Math.max(most, ++running)
      // Later items are done sooner.
      for (let turn = item % 4; turn < 4; turn++) await Promise.resolve()
      running--
      return item * 2
    })
    expect(doubled).toEqual(items.map((item) => item * 2))
    expect(most).toBe(3)
  })

  it('fails as the first failure does, and takes nothing for nothing', async () => {
    await expect(mapBounded([1, 2], 2, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await mapBounded([], 4, async () => 1)).toEqual([])
  })
})
