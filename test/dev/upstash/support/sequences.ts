/** Random command sequences for the comparison with a real redis-server. */

import fc from 'fast-check'

type Words = fc.Arbitrary<string[]>
type Part = Words | fc.Arbitrary<string> | string

const pick = (...words: string[]) => fc.constantFrom(...words)
const word = (part: Part): Words =>
  typeof part === 'string'
    ? fc.constant([part])
    : (part as fc.Arbitrary<string | string[]>).map((value) =>
        Array.isArray(value) ? value : [value],
      )
const line = (...parts: Part[]): Words => fc.tuple(...parts.map(word)).map((words) => words.flat())
const some = (max: number, ...parts: Part[]): Words =>
  fc.array(line(...parts), { minLength: 1, maxLength: max }).map((words) => words.flat())
const maybe = (...parts: Part[]): Words =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: line(...parts) },
  )
const any = (max: number, choices: Words): Words =>
  fc.array(choices, { maxLength: max }).map((words) => words.flat())

const ALL_KEYS = ['s1', 's2', 'h1', 'h2', 't1', 't2', 'z1', 'z2', 'l1', 'l2', 'x1', 'x2', 'none']
const anyKey = fc.constantFrom(...ALL_KEYS)
const key = (family: string) =>
  fc.oneof(
    { weight: 9, arbitrary: pick(`${family}1`, `${family}2`) },
    { weight: 1, arbitrary: anyKey },
  )

const integer = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -6, max: 12 }).map(String) },
  {
    weight: 1,
    arbitrary: pick(
      '9223372036854775807',
      '-9223372036854775808',
      '9223372036854775808',
      '1.5',
      'abc',
      '',
      ' 1',
      '+1',
      '01',
      '-0',
      '1e3',
      '4294967296',
    ),
  },
)
const float = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -50, max: 50 }).map((n) => String(n / 4)) },
  {
    weight: 2,
    arbitrary: fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map((n) => n.toFixed(3)),
  },
  {
    weight: 1,
    arbitrary: pick(
      'inf',
      '-inf',
      '+inf',
      'nan',
      'abc',
      '',
      ' 1',
      '1e5',
      '1e400',
      '0x10',
      '.5',
      '5.',
      '+3',
      '1e-10',
      '3.0e3',
      '-0',
      '0.1',
      '1e17',
      '123456789012345680',
      'infinity',
      '1e20',
      '-1e-7',
    ),
  },
)
const value = fc.oneof(
  integer,
  float,
  pick('v', 'hello world', '', '\xff\x00\r\n', 'OK', 'x'.repeat(70)),
)
const member = pick('a', 'b', 'c', 'd', 'e', 'f', '1', '2', '10', '')
const casing = (choice: string) =>
  fc.boolean().map((upper) => (upper ? choice.toUpperCase() : choice))
const option = (...choices: string[]) => fc.oneof(...choices.map(casing))
/** Far enough not to come, or long past. */
const second = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 4_000_000_000, max: 4_000_000_009 }).map(String) },
  { weight: 1, arbitrary: pick('1', '0', '-1', 'abc', '9223372036854775807', '1000000000') },
)
const milli = second.map((text) => (/^4\d{9}$/.test(text) ? `${text}123` : text))
const ttl = fc.oneof(
  { weight: 6, arbitrary: pick('1000', '2000000', '3000000') },
  { weight: 1, arbitrary: pick('0', '-1', 'abc', '9223372036854775807', '9223372036854775') },
)

const s = key('s')
const expiryOption = fc.oneof(
  line(option('ex', 'px'), ttl),
  line(option('exat'), second),
  line(option('pxat'), milli),
)
const strings: Words[] = [
  line(
    'set',
    s,
    value,
    any(3, fc.oneof(line(option('nx', 'xx', 'get', 'keepttl', 'bogus')), expiryOption)),
  ),
  line('set', s, value),
  line('get', s),
  line(pick('setex', 'psetex'), s, ttl, value),
  line(pick('setnx', 'getset', 'append', 'incrby', 'decrby'), s, value),
  line('incrbyfloat', s, float),
  line(pick('incr', 'decr', 'strlen', 'getdel'), s),
  line('getex', s, any(2, fc.oneof(line(option('persist', 'bogus')), expiryOption))),
  line('mget', some(3, fc.oneof(s, anyKey))),
  line(pick('mset', 'msetnx'), some(3, s, value)),
  line('getrange', s, integer, integer),
  line('setrange', s, pick('0', '2', '5', '-1', 'x', '536870912'), value),
]

const keys: Words[] = [
  line(pick('del', 'unlink', 'exists', 'touch'), some(3, anyKey)),
  line(
    pick('expire', 'pexpire'),
    anyKey,
    ttl,
    any(2, line(option('nx', 'xx', 'gt', 'lt', 'bogus'))),
  ),
  line('expireat', anyKey, second, any(2, line(option('nx', 'xx', 'gt', 'lt')))),
  line('pexpireat', anyKey, milli, any(1, line(option('nx', 'xx', 'gt', 'lt')))),
  line(pick('ttl', 'pttl', 'expiretime', 'pexpiretime', 'persist', 'type'), anyKey),
  line(pick('rename', 'renamenx'), anyKey, anyKey),
  line('copy', anyKey, anyKey, any(1, line(option('replace', 'bogus')))),
  line(
    'keys',
    pick('*', 's*', '?1', '[sh]1', '[^s]*', 'h\\1', '*1*', '[a-t]2', '[', '', 's[1', '[]1'),
  ),
  line(
    'scan',
    '0',
    any(
      2,
      fc.oneof(
        line(option('match'), pick('*', 's*', '*2')),
        line(option('count'), pick('100', '0', 'x', '1000')),
        line(option('type'), pick('string', 'HASH', 'zset', 'bogus')),
      ),
    ),
  ),
  line('scan', pick('x', '-', ' 0', '')),
  line('dbsize'),
  line('randomkey', 'x'),
  line('flushdb', any(1, line(option('sync', 'async', 'bogus')))),
]

const h = key('h')
const hashes: Words[] = [
  line(pick('hset', 'hmset'), h, some(3, member, value)),
  line('hsetnx', h, member, value),
  line(pick('hget', 'hexists', 'hstrlen'), h, member),
  line(pick('hmget', 'hdel'), h, some(3, member)),
  line(pick('hgetall', 'hlen', 'hkeys', 'hvals'), h),
  line('hincrby', h, member, integer),
  line('hincrbyfloat', h, member, float),
  line(
    'hscan',
    h,
    pick('0', 'x'),
    any(
      2,
      fc.oneof(
        line(option('match'), pick('*', 'a*', '[ab]')),
        line(option('count'), pick('1000', '0', 'x')),
        line(option('bogus', 'type'), 'x'),
      ),
    ),
  ),
  line(
    'hrandfield',
    h,
    pick('100', '0', 'x', '-9223372036854775808'),
    maybe(option('withvalues', 'bogus')),
  ),
]

const t = key('t')
const sets: Words[] = [
  line(pick('sadd', 'srem', 'smismember'), t, some(4, member)),
  line('sadd', t, some(4, member)),
  line(pick('smembers', 'scard'), t),
  line('sismember', t, member),
  line('spop', t, pick('100', '0', '-1', 'x')),
  line('srandmember', t, pick('100', '0', 'x', '-9223372036854775808')),
  line(pick('sunion', 'sinter', 'sdiff'), some(3, t)),
  line(pick('sunionstore', 'sinterstore', 'sdiffstore'), t, some(3, t)),
  line('smove', t, t, member),
  line(
    'sscan',
    t,
    '0',
    any(
      1,
      fc.oneof(line('MATCH', pick('[a-c]', '?', '*0')), line('COUNT', pick('1000', '0', 'x'))),
    ),
  ),
]

const z = key('z')
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
const sortedSets: Words[] = [
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
  line(
    'zrange',
    z,
    lex,
    lex,
    option('bylex'),
    any(2, fc.oneof(line(option('rev', 'withscores')), limit)),
  ),
  line('zrevrange', z, integer, integer, any(1, line(option('withscores', 'rev')))),
  line(
    pick('zrangebyscore', 'zrevrangebyscore'),
    z,
    bound,
    bound,
    any(2, fc.oneof(line(option('withscores')), limit)),
  ),
  line(pick('zrangebylex', 'zrevrangebylex'), z, lex, lex, maybe(limit)),
  line(pick('zpopmin', 'zpopmax'), z, maybe(integer)),
  line('zscan', z, '0', any(1, line('MATCH', pick('[a-c]', '?')))),
]

const l = key('l')
const side = option('left', 'right')
const lists: Words[] = [
  line(pick('lpush', 'rpush', 'lpushx', 'rpushx'), l, some(4, member)),
  line('rpush', l, some(4, member)),
  line(pick('lpop', 'rpop'), l, maybe(integer)),
  line('llen', l),
  line(pick('lrange', 'ltrim'), l, integer, integer),
  line('lindex', l, integer),
  line('lset', l, integer, value),
  line('lrem', l, integer, member),
  line('linsert', l, option('before', 'after', 'bogus'), member, value),
  line('lpos', l, member, any(3, line(option('rank', 'count', 'maxlen', 'bogus'), integer))),
  line('lmove', l, l, side, fc.oneof(side, pick('up'))),
  line('rpoplpush', l, l),
]

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
const streams: Words[] = [
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
  'return redis.call("SET", KEYS[1], tonumber(ARGV[2]) or 0.1)',
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
const scripts: Words[] = [
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
  /^(spop|srandmember|hrandfield|xadd|xread|eval|script|s?scan|randomkey|flushdb|set|getex|p?expire|p?setex)/i

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
