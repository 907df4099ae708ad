/** Random command sequences for the comparison with a real redis-server. */

import fc from 'fast-check'
import { hashes, keys, sets, strings } from './families-basic.ts'
import { lists, sortedSets } from './families-ordered.ts'
import { scripts, streams } from './families-streams.ts'
import { any, line, pick, value, type Words } from './words.ts'

const others: Words[] = [
  line('ping', any(2, line(value))),
  line('echo', value),
  line(pick('nope', 'GETT', 'foo bar'), any(3, line(value))),
  line(pick('publish'), 'nobody', value),
]

/** Changes one word, drops one or adds one: wrong arities and misplaced options. */
const spoiled = (words: Words): Words =>
  fc
    .tuple(words, fc.nat(20), value, pick('drop', 'add', 'replace'))
    .map(([list, at, text, how]) => {
      const position = 1 + (at % Math.max(1, list.length - 1))
      if (how === 'drop') return list.toSpliced(position, 1)
      return list.toSpliced(position, how === 'add' ? 0 : 1, text)
    })

const family = (list: Words[]): Words => fc.oneof(...list)
const UNSPOILABLE =
  /^(spop|srandmember|hrandfield|xadd|xread|eval|script|[hs]?scan|lpos|randomkey|flushdb|set|getex|p?expire|p?setex)/i

/** One command of any family, now and then a spoiled one. */
const command: Words = fc.oneof(
  ...[strings, keys, hashes, sets, sortedSets, lists, streams, scripts, others].map(family),
)

/** Sequences; `focus` draws most commands from one family, so that they meet each other's data. */
export const sequence: fc.Arbitrary<string[][]> = fc
  .constantFrom(strings, hashes, sets, sortedSets, lists, streams, streams, keys, scripts)
  .chain((focus) => {
    const chosen = fc.oneof(
      { weight: 5, arbitrary: family(focus) },
      { weight: 2, arbitrary: command },
    )
    const withSpoiled = fc.oneof(
      { weight: 12, arbitrary: chosen },
      { weight: 1, arbitrary: spoiled(chosen).filter(([name]) => !UNSPOILABLE.test(name!)) },
    )
    return fc.array(withSpoiled, { minLength: 8, maxLength: 40 })
  })
