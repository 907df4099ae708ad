import { describe, expect, it } from 'vitest'
import { pluginPath } from '../../../src/sharing/plugin/path.ts'

describe('a path of the plug-in', () => {
  it.each([
    ['plain', 'plain'],
    ['a/b', 'a%2Fb'],
    ['100%', '100%25'],
    ['%2e%2e', '%252e%252e'],
    ['a?b#c', 'a%3Fb%23c'],
    ['...', '...'],
  ])('holds %j as one segment', (value, segment) => {
    const path = pluginPath`/api/things/${value}/status`
    expect(path).toBe(`/api/things/${segment}/status`)
    expect(new URL(path, 'http://plugin').pathname).toBe(path)
  })

  it.each(['', '.', '..', '\ud800'])('does not hold %j', (value) => {
    expect(() => pluginPath`/api/things/${value}/status`).toThrow('nothing of this name')
  })
})
