/** Random commands on sorted sets and lists. */

import fc from 'fast-check'
import {
  any,
  float,
  integer,
  key,
  line,
  maybe,
  member,
  option,
  pick,
  some,
  value,
  type Words,
} from './words.ts'

const z = key('z')
const y = pick('y1', 'y2', 's1')
const bound = fc.oneof(
  float,
  float.map((text) => `(${text}`),
  pick('-inf', '+inf', '(1', ''),
)
const lex = fc.oneof(
  member.map((m) => `[${m}`),
  member.map((m) => `(${m}`),
  pick('-', '+', 'a', '', '-x'),
)
const limit = line(option('limit'), integer, integer)
export const sortedSets: Words[] = [
  line(
    'zadd',
    z,
    any(2, line(option('nx', 'xx', 'gt', 'lt', 'ch', 'incr'))),
    some(3, float, member),
  ),
  line('zadd', z, some(4, float, member)),
  line('zincrby', z, float, member),
  line(pick('zrem', 'zmscore'), z, some(3, member)),
  line(pick('zscore', 'zrank', 'zrevrank'), z, member),
  line('zcard', z),
  line(pick('zcount', 'zremrangebyscore'), z, bound, bound),
  line(pick('zlexcount', 'zremrangebylex'), z, lex, lex),
  line('zremrangebyrank', z, integer, integer),
  line(
    'zrange',
    z,
    integer,
    integer,
    any(2, fc.oneof(line(option('rev', 'withscores', 'bogus')), limit)),
  ),
  line(
    'zrange',
    z,
    bound,
    bound,
    option('byscore'),
    any(2, fc.oneof(line(option('rev', 'withscores', 'bylex')), limit)),
  ),
  line('zrange', z, lex, lex, option('bylex'), any(2, line(option('rev', 'withscores')))),
  // LIMIT by name is defined among equal scores only, which these keys have.
  line('zadd', y, some(4, '0', member)),
  line('zrange', y, lex, lex, option('bylex'), any(2, fc.oneof(line(option('rev')), limit))),
  line(pick('zrangebylex', 'zrevrangebylex'), y, lex, lex, maybe(limit)),
  line(pick('zlexcount', 'zremrangebylex'), y, lex, lex),
  line('zrevrange', z, integer, integer, any(1, line(option('withscores', 'rev')))),
  line(
    pick('zrangebyscore', 'zrevrangebyscore'),
    z,
    bound,
    bound,
    any(2, fc.oneof(line(option('withscores')), limit)),
  ),
  line(pick('zrangebylex', 'zrevrangebylex'), z, lex, lex),
  line(pick('zpopmin', 'zpopmax'), z, maybe(integer)),
  line('zscan', z, '0', any(1, line('MATCH', pick('[a-c]', '?')))),
]

const l = key('l')
const side = option('left', 'right')
export const lists: Words[] = [
  line(pick('lpush', 'rpush', 'lpushx', 'rpushx'), l, some(4, member)),
  line('rpush', l, some(4, member)),
  line(pick('lpop', 'rpop'), l, maybe(integer)),
  line('llen', l),
  line(pick('lrange', 'ltrim'), l, integer, integer),
  line('lindex', l, integer),
  line('lset', l, integer, value),
  line('lrem', l, integer, member),
  line('linsert', l, option('before', 'after', 'bogus'), member, value),
  line(
    'lpos',
    l,
    member,
    any(
      3,
      line(
        option('rank', 'count', 'maxlen', 'bogus'),
        fc.oneof(
          fc.integer({ min: -4, max: 4 }).map(String),
          pick('abc', '', '9223372036854775808'),
        ),
      ),
    ),
  ),
  line('lmove', l, l, side, fc.oneof(side, pick('up'))),
  line('rpoplpush', l, l),
]
