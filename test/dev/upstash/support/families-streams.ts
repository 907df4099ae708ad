/** Random commands on streams, and scripts. */

import fc from 'fast-check'
import {
  any,
  anyKey,
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

const x = key('x')
const id = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 }))
      .map(([a, b]) => `${a}-${b}`),
  },
  {
    weight: 1,
    arbitrary: pick(
      '5',
      '7',
      '*x',
      'abc',
      '1-',
      '-1',
      '18446744073709551615',
      '18446744073709551616-0',
    ),
  },
)
const newId = fc.oneof(
  id,
  fc.integer({ min: 1, max: 30 }).map((ms) => `${ms}-*`),
  pick('50-1', '18446744073709551615-18446744073709551615'),
)
const streamBound = fc.oneof(
  id,
  id.map((text) => `(${text}`),
  pick('-', '+', '(', '(-'),
)
const trimming = fc.oneof(
  line(option('maxlen'), maybe(pick('=', '~')), integer, maybe(option('limit'), integer)),
  line(option('minid'), maybe(pick('=', '~')), id, maybe(option('limit'), integer)),
)
const group = pick('g1', 'g1', 'g1', 'g2', 'g3')
const consumer = pick('c1', 'c2')
export const streams: Words[] = [
  line(
    'xadd',
    x,
    any(1, fc.oneof(trimming, line(option('nomkstream')))),
    newId,
    some(2, member, value),
  ),
  line(
    'xadd',
    x,
    fc.integer({ min: 1, max: 30 }).map((ms) => `${ms}-*`),
    some(2, member, value),
  ),
  line('xlen', x),
  line('xrange', x, streamBound, streamBound, any(1, line(option('count', 'bogus'), integer))),
  line('xrevrange', x, streamBound, streamBound, any(1, line(option('count'), integer))),
  line('xdel', x, some(2, id)),
  line('xtrim', x, fc.oneof(trimming, line(option('bogus'), '1'))),
  line(
    'xread',
    any(
      2,
      fc.oneof(line(option('count'), integer), line(option('block', 'group', 'noack', 'bogus'))),
    ),
    option('streams'),
    some(2, x),
    some(2, fc.oneof(id, pick('0', '0', '$', '>'))),
  ),
  line('xread', 'STREAMS', x, fc.oneof(id, pick('0', '$'))),
  line(
    option('xgroup'),
    option('create'),
    x,
    group,
    fc.oneof(id, pick('0', '$')),
    any(1, line(option('mkstream', 'bogus'))),
  ),
  line('xgroup', 'CREATE', x, group, '0', 'MKSTREAM'),
  line(option('xgroup'), option('destroy'), x, group),
  line('xgroup', pick('nope', 'help2', 'CREATE')),
  line(
    'xreadgroup',
    'GROUP',
    group,
    consumer,
    any(2, fc.oneof(line(option('count'), integer), line(option('noack')))),
    'STREAMS',
    x,
    fc.oneof(pick('>', '>', '0', '$'), id),
  ),
  line('xreadgroup', 'GROUP', group, consumer, 'STREAMS', x, '>'),
  line('xack', x, group, some(3, id)),
  line('xpending', x, group),
  line(
    'xpending',
    x,
    group,
    maybe(option('idle'), pick('0', '100000', 'x')),
    streamBound,
    streamBound,
    integer,
    maybe(consumer),
  ),
  line(
    'xclaim',
    x,
    group,
    consumer,
    pick('0', '0', '100000', 'x', '-1'),
    some(3, id),
    any(
      2,
      fc.oneof(
        line(option('force', 'justid', 'bogus')),
        line(option('retrycount'), integer),
        line(option('lastid'), id),
      ),
    ),
  ),
  line(
    'xautoclaim',
    x,
    group,
    consumer,
    pick('0', '0', '100000', 'x'),
    fc.oneof(id, pick('0', '-', '(1-1')),
    any(1, fc.oneof(line(option('count'), integer), line(option('justid', 'bogus')))),
  ),
]

const SCRIPTS = [
  'return redis.call(ARGV[1], KEYS[1], ARGV[2])',
  'return redis.pcall(ARGV[1], KEYS[1], ARGV[2])',
  'return {1, 2.7, -2.7, "x", true, false, 3}',
  'return {KEYS, ARGV, #KEYS, #ARGV}',
  'return tonumber(ARGV[1])',
  'local n = tonumber(ARGV[2]) if n ~= n then return "nan" end return tostring(n)',
  'local v = redis.call("GET", KEYS[1]) if v == false then return "none" end return v .. "!"',
  'return redis.call("SET", KEYS[1], tonumber(ARGV[2]:match("^%d+$") or 0.1))',
  'redis.call("SET", KEYS[1], 1) error("stop")',
  'return redis.error_reply("MY ERROR")',
  'return redis.status_reply("FINE")',
  'return {err = "RAW error"}',
  'return {1, {err = "nested"}, {ok = "status"}}',
  'local ok, e = pcall(redis.call, "HSET", KEYS[1]) return {tostring(ok), e}',
  'return nope',
  'nope = 1',
  'return cjson.encode({1, "a", {b = 2.5}, true})',
  'return cjson.encode(cjson.decode(\'{"a":[1,2,{"b":null}],"c":"\\\\u00e9"}\'))',
  'return redis.sha1hex(ARGV[1])',
  'return string.format("%d %s %5.2f %05d", 1700000000000, ARGV[1], 3.14159, 42)',
  'return {bit.band(255, 15), bit.lshift(1, 31), bit.bnot(0), bit.tohex(255)}',
  'local t = {} for i = 1, 5 do t[i] = i * 2147483647 end return t',
  'return {math.floor(-1.5), 7 % 3, -7 % 3, 2 ^ 10, math.pow(2, 3), unpack({1, 2})}',
  'return redis.call("NOPE")',
  'return redis.call("EVAL", "return 1", 0)',
  'return loadstring("return 1 + 1")()',
  'local x = nil\nreturn x.y',
  'return 1 +',
  '#!lua flags=no-writes\nreturn redis.call("SET", KEYS[1], 1)',
  '#!lua flags=bogus\nreturn 1',
  '#!js\nreturn 1',
]
export const scripts: Words[] = [
  line(
    option('eval', 'eval_ro'),
    fc.constantFrom(...SCRIPTS),
    '1',
    anyKey,
    pick('get', 'incrby', 'lpush', 'hgetall', 'sadd'),
    value,
  ),
  line(option('eval'), fc.constantFrom(...SCRIPTS), integer, any(2, line(value))),
  line(option('evalsha', 'evalsha_ro'), pick('abc', 'a'.repeat(40)), '0'),
  line(option('script'), option('load'), fc.constantFrom(...SCRIPTS)),
  line(option('script'), option('exists'), 'a'.repeat(40), pick('x', '1')),
  line(option('script'), pick('nope', 'load', 'exists')),
]
