/** The words that random commands are made of. */

import fc from 'fast-check'

export type Words = fc.Arbitrary<string[]>
export type Part = Words | fc.Arbitrary<string> | string

export const pick = (...words: string[]) => fc.constantFrom(...words)
export const word = (part: Part): Words =>
  typeof part === 'string'
    ? fc.constant([part])
    : (part as fc.Arbitrary<string | string[]>).map((value) =>
        Array.isArray(value) ? value : [value],
      )
export const line = (...parts: Part[]): Words =>
  fc.tuple(...parts.map(word)).map((words) => words.flat())
export const some = (max: number, ...parts: Part[]): Words =>
  fc.array(line(...parts), { minLength: 1, maxLength: max }).map((words) => words.flat())
export const maybe = (...parts: Part[]): Words =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: line(...parts) },
  )
export const any = (max: number, choices: Words): Words =>
  fc.array(choices, { maxLength: max }).map((words) => words.flat())

export const ALL_KEYS = [
  's1',
  's2',
  'h1',
  'h2',
  't1',
  't2',
  'z1',
  'z2',
  'l1',
  'l2',
  'x1',
  'x2',
  'none',
]
export const anyKey = fc.constantFrom(...ALL_KEYS)
export const key = (family: string) =>
  fc.oneof(
    { weight: 9, arbitrary: pick(`${family}1`, `${family}2`) },
    { weight: 1, arbitrary: anyKey },
  )

export const integer = fc.oneof(
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
export const float = fc.oneof(
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
export const value = fc.oneof(
  integer,
  float,
  pick('v', 'hello world', '', '\xff\x00\r\n', 'OK', 'x'.repeat(70)),
)
export const member = pick('a', 'b', 'c', 'd', 'e', 'f', '1', '2', '10', '')
export const casing = (choice: string) =>
  fc.boolean().map((upper) => (upper ? choice.toUpperCase() : choice))
export const option = (...choices: string[]) => fc.oneof(...choices.map(casing))
/** Far enough not to come, or long past. */
export const second = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 4_000_000_000, max: 4_000_000_009 }).map(String) },
  { weight: 1, arbitrary: pick('1', '0', '-1', 'abc', '9223372036854775807', '1000000000') },
)
export const milli = second.map((text) => (/^4\d{9}$/.test(text) ? `${text}123` : text))
export const ttl = fc.oneof(
  { weight: 6, arbitrary: pick('1000', '2000000', '3000000') },
  { weight: 1, arbitrary: pick('0', '-1', 'abc', '9223372036854775807', '9223372036854775') },
)
