/** Lua in the embedded Redis: what a redis-server cannot tell us, or only Upstash does. */

import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { RedisCore } from '../../../dev/upstash/core/core.ts'
import { withoutKeyLocking } from '../../../dev/upstash/script-names.ts'
import { plain } from './support/compare.ts'

function run(source: string, keys: string[] = [], args: string[] = [], core = new RedisCore()) {
  return plain(core.execute(['EVAL', source, String(keys.length), ...keys, ...args]))
}

test('EVAL fills the script cache under the SHA-1 of the source as sent', () => {
  const core = new RedisCore()
  const source = '#!lua flags=allow-key-locking\nreturn ARGV[1]'
  const sha = createHash('sha1').update(source).digest('hex')
  expect(plain(core.execute(['EVALSHA', sha, '0', 'x']))).toBe(
    '!NOSCRIPT No matching script. Please use EVAL.',
  )
  expect(run(source, [], ['x'], core)).toBe('x')
  expect(plain(core.execute(['EVALSHA', sha.toUpperCase(), '0', 'y']))).toBe('y')
  core.execute(['SCRIPT', 'FLUSH'])
  expect(plain(core.execute(['SCRIPT', 'EXISTS', sha]))).toEqual([0])
})

test.each([
  'no-writes',
  'allow-oom',
  'allow-stale',
  'no-cluster',
  'allow-cross-slot-keys',
  'allow-key-locking',
])('the flag %s is accepted', (flag) => {
  expect(run(`#!lua flags=${flag}\nreturn 1`)).toBe(1)
})

const UNDECLARED = "return redis.call('SET', 'other', '1')"

test('undeclared keys are refused in every script', () => {
  const core = new RedisCore()
  expect(run(UNDECLARED, ['k'], [], core)).toMatch(/^!ERR Dynamic keys are not allowed: 'other'/)
  expect(run("return redis.pcall('MGET', KEYS[1], 'other')", ['k'], [], core)).toMatch(
    /^!ERR Dynamic/,
  )
  expect(run("return redis.call('XREAD', 'STREAMS', 'other', '0')", ['k'], [], core)).toMatch(
    /^!ERR Dynamic/,
  )
  expect(plain(core.execute(['EXISTS', 'other']))).toBe(0)
  expect(run("return redis.call('SET', KEYS[1], '1')", ['k'], [], core)).toBe('OK')
})

test('without strictKeys only the flag refuses them', () => {
  const core = new RedisCore({ strictKeys: false })
  expect(run(UNDECLARED, [], [], core)).toBe('OK')
  expect(run(`#!lua flags=allow-key-locking\n${UNDECLARED}`, [], [], core)).toMatch(
    /^!ERR Dynamic keys/,
  )
})

test('an error keeps what the script wrote before it', () => {
  const core = new RedisCore()
  expect(run("redis.call('SET', KEYS[1], 'x') error('stop')", ['k'], [], core)).toMatch(
    /^!ERR user_script:1: stop/,
  )
  expect(plain(core.execute(['GET', 'k']))).toBe('x')
})

test('numbers are those of Lua 5.1: doubles, beyond 32 bits', () => {
  expect(
    run(
      'local a, b = 2147483647, 65536 return {math.floor(a) + math.floor(a), a + 1, a * b, -a - 2, #KEYS + a + a}',
    ),
  ).toEqual([4294967294, 2147483648, 140737488289792, -2147483649, 4294967294])
  expect(
    run(
      `local now = 1700000000000
       return {now * 2, tostring(now), 2147483647 + 1, tostring(1e15), tostring(3.0), 7 / 2, #"abc" + 0.5,
         string.format("%d", now), math.floor(now / 1000)}`,
    ),
  ).toEqual([
    3400000000000,
    '1700000000000',
    2147483648,
    '1e+15',
    '3',
    3,
    3,
    '1700000000000',
    1700000000,
  ])
  const core = new RedisCore()
  expect(
    run(
      "redis.call('SET', KEYS[1], 1700000000000 * 2) return redis.call('GET', KEYS[1])",
      ['k'],
      [],
      core,
    ),
  ).toBe('3400000000000')
})

test.each([
  ['integer division', 'return 7 // 2'],
  ['bit operators', 'return 1 << 2'],
  ['goto', 'for i = 1, 2 do goto continue ::continue:: end'],
  ['newer syntax in loadstring', 'return loadstring("return 7 // 2")()'],
])('%s of newer Lua is refused', (_, source) => {
  expect(run(source)).toMatch(/^!ERR .*unexpected symbol near/)
})

test('newer syntax in texts and comments is none', () => {
  expect(run('-- a // b goto x\nreturn "a // b" .. [[ ~ & ]] .. tostring(1 ~= 2)')).toBe(
    'a // b ~ & true',
  )
})

test.each(['string.pack', 'table.unpack', 'table.move', 'math.tointeger', 'string.dump'])(
  '%s of newer or unsafe Lua is absent',
  (name) => {
    expect(run(`return type(${name})`)).toBe('nil')
  },
)

test.each(['os', 'io', 'require', 'dofile', 'print', 'debug', 'utf8', 'package'])(
  'no %s',
  (name) => {
    expect(run(`return ${name}`)).toMatch(/nonexistent global variable/)
  },
)

test('globals cannot be changed, and nothing leaks from one script to the next', () => {
  const core = new RedisCore()
  for (const source of [
    'x = 1',
    'string.format = nil',
    'redis.call = nil',
    'KEYS = {}',
    'rawset(_G, "x", 1)',
    '_G.x = 1',
  ]) {
    expect(run(source, [], [], core)).toMatch(/Attempt to modify a readonly table/)
  }
  expect(run('setmetatable(_G, {}) return 1', [], [], core)).toMatch(/^!ERR/)
  expect(run('getmetatable("").__index = nil return 1', [], [], core)).toMatch(/^!ERR/)
  expect(run('return x', [], [], core)).toMatch(/nonexistent global variable/)
  run('KEYS[1] = "changed"', ['k'], [], core)
  expect(run('return KEYS[1]', ['fresh'], [], core)).toBe('fresh')
})

test('a runaway script is stopped, also inside pcall', () => {
  const core = new RedisCore()
  expect(run('while true do end', [], [], core)).toMatch(/exceeded the limit of \d+ instructions/)
  expect(run('while true do pcall(function() while true do end end) end', [], [], core)).toMatch(
    /exceeded the limit/,
  )
  expect(run('return 1', [], [], core)).toBe(1)
})

test('deep recursion ends in an error', () => {
  expect(run('local function f() return 1 + f() end return f()')).toMatch(/^!ERR .*stack overflow/)
})

test('time stands still during a script', () => {
  let now = 1_000
  const core = new RedisCore({ now: () => now++ })
  expect(
    run(
      "local a = redis.call('TIME') for i = 1, 1000 do end local b = redis.call('TIME') return a[2] == b[2]",
      [],
      [],
      core,
    ),
  ).toBe(1)
})

test('the flag is taken out for a redis-server, and lines stay', () => {
  expect(withoutKeyLocking('#!lua flags=allow-key-locking\nreturn 1')).toBe('#!lua\nreturn 1')
  expect(withoutKeyLocking('#!lua flags=no-writes,allow-key-locking\nx')).toBe(
    '#!lua flags=no-writes\nx',
  )
  expect(withoutKeyLocking('return "#!lua flags=allow-key-locking"')).toBe(
    'return "#!lua flags=allow-key-locking"',
  )
})
