/** Random commands on strings, keys, hashes and sets. */

import fc from 'fast-check'
import {
  any,
  anyKey,
  float,
  integer,
  key,
  line,
  maybe,
  member,
  milli,
  option,
  pick,
  second,
  some,
  ttl,
  value,
  type Words,
} from './words.ts'

const s = key('s')
const expiryOption = fc.oneof(
  line(option('ex', 'px'), ttl),
  line(option('exat'), second),
  line(option('pxat'), milli),
)
export const strings: Words[] = [
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
  line('expireat', s, second),
  line(pick('expiretime', 'pexpiretime', 'ttl'), s),
  line(pick('incr', 'decr', 'strlen', 'getdel'), s),
  line('getex', s, any(2, fc.oneof(line(option('persist', 'bogus')), expiryOption))),
  line('mget', some(3, fc.oneof(s, anyKey))),
  line(pick('mset', 'msetnx'), some(3, s, value)),
  line('getrange', s, integer, integer),
  line('setrange', s, pick('0', '2', '5', '-1', 'x', '536870912'), value),
]

export const keys: Words[] = [
  line(pick('del', 'unlink', 'exists', 'touch'), some(3, anyKey)),
  line(pick('expire', 'pexpire'), anyKey, ttl, any(2, line(option('nx', 'xx', 'bogus')))),
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
  line('randomkey', 'x'),
  line('flushdb', any(1, line(option('sync', 'async', 'bogus')))),
]

const h = key('h')
export const hashes: Words[] = [
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
export const sets: Words[] = [
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
