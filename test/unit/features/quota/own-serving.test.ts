import { describe, expect, it } from 'vitest'
import { ALL_GROUPS, ownServing } from '../../../../src/sharing/quota/own/serving.ts'

describe('what the plug-in will do with a call', () => {
  it.each([
    ['their own accounts serve it', { dedicated: 2, ownSpent: [] as string[], group: 'a' }, 2],
    ['theirs have nothing left of it', { dedicated: 2, ownSpent: ['a'], group: 'a' }, 0],
    ['theirs have nothing left of another', { dedicated: 1, ownSpent: ['b'], group: 'a' }, 1],
    ['shared ones come first', { dedicated: 1, ownSpent: [ALL_GROUPS], group: 'a' }, 0],
    ['nobody has looked', { dedicated: 1, ownSpent: null, group: 'a' }, 0],
    ['they have none', { dedicated: 0, ownSpent: [], group: 'a' }, 0],
    ['it was never drawn from', { dedicated: 1, ownSpent: ['b'], group: null }, 1],
  ])('when %s', (_, own, serving) => {
    expect(ownServing(own)).toBe(serving)
  })
})
