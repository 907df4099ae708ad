import { expect, it } from 'vitest'
import { clientOf, isInside, parseAddress, parseRange } from '../../../src/platform/address.ts'

const isIn = (address: string, range: string) => {
  const parsed = parseAddress(address)
  const parsedRange = parseRange(range)
  return parsed !== null && parsedRange !== null && isInside(parsed, parsedRange)
}

it.each([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['10.1.2.3', '0.0.0.0/0', true],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.4', '10.1.2.3/32', false],
  ['::1', '0.0.0.0/0', false],
  ['2001:db8::1', '2001:db8::/32', true],
  ['2001:db9::1', '2001:db8::/32', false],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1/128', true],
  ['::ffff:10.1.2.3', '10.0.0.0/8', true],
  ['fe80::1', '::/0', true],
])('%s in %s: %s', (address, range, expected) => {
  expect(isIn(address, range)).toBe(expected)
})

it.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '01.2.3.4',
  '1.2.3.x',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8',
  'g::1',
  '12345::',
  '::1.2.3.256',
  ' 1.2.3.4',
  'fe80::1%eth0',
])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeNull()
})

it.each(['10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/', '10.0.0.0/8/8', '::/129', 'x/8'])(
  '%j is no range',
  (text) => {
    expect(parseRange(text)).toBeNull()
  },
)

it('takes all addresses of one IPv6 subscriber as one client', () => {
  expect(clientOf('2001:db8:1:2:3::4')).toBe(clientOf('2001:db8:1:2:ffff::1'))
  expect(clientOf('2001:db8:1:2::1')).not.toBe(clientOf('2001:db8:1:3::1'))
  expect(clientOf('192.0.2.1')).not.toBe(clientOf('192.0.2.2'))
  expect(clientOf('::ffff:192.0.2.1')).toBe(clientOf('192.0.2.1'))
})
