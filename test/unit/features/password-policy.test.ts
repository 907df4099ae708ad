import { dictionary } from '@zxcvbn-ts/language-common'
import { describe, expect, it } from 'vitest'
import { COMMON_PASSWORDS } from '../../../src/credentials/password-policy/common-passwords.ts'
import {
  loadCommonPasswords,
  passwordProblem as problemOf,
  readStems,
} from '../../../src/credentials/password-policy/index.ts'

const common = readStems(COMMON_PASSWORDS)
const passwordProblem = (password: string, owner = {}) => problemOf(password, common, owner)

/** The same numbers at every run: xorshift32. */
let state = 0x2545f491
function below(limit: number): number {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) % limit
}

describe('the password policy', () => {
  it.each([
    ['correct horse battery staple', {}],
    ['securepassword123', {}],
    ['läßtSichMerken', {}],
    ['東京特許許可局長', {}],
    ['jane-in-the-garden', { username: 'jane' }],
    ['x'.repeat(60) + 'abcdef'.repeat(32), {}],
  ])('takes %s', (password, owner) => {
    expect(passwordProblem(password, owner)).toBeNull()
  })

  it.each([
    ['seven77', /at least 8.*this has 7/],
    // Four letters that a keyboard sent as eight.
    ['äöüß'.normalize('NFD') + 'e'.normalize('NFD'), /at least 8/],
    ['👩‍💻👩‍💻'.slice(0, 5), /at least 8/],
    ['a1'.repeat(129), /at most 256/],
    ['abababab', /different characters/],
    ['12345678', /row|common/],
    ['hgfedcba', /row/],
    ['iloveyou', /common/],
    ['ILoveYou!!', /common/],
    ['ＰＡＳＳＷＯＲＤ', /common/],
  ])('refuses %s', (password, message) => {
    expect(passwordProblem(password)).toMatch(message)
  })

  it.each([
    ...[
      'letmein123',
      'admin1234',
      'dragon123',
      'monkey123',
      'Welcome1!',
      'Summer2024!',
      'trustno1!',
    ],
    ...['123letmein', '!!dragon99', 'Winter_2025', 'dragon123456789', 'iloveyou2024'],
    ...[
      'p@ssw0rd',
      'P@$$w0rd1',
      'dr4g0n99',
      'l3tm31n!',
      'We1come!',
      'adm1n2024',
      '5ummer2024',
      '$h4d0w123',
    ],
    ...['5201314520', '123123dragon', 'dragondragon', 'monkey1monkey1'],
  ])('sees the common word in %s', (password) => {
    expect(passwordProblem(password)).toMatch(/common/)
  })

  it.each([
    ...['0987654321', '12345678901', '01234567890123', '9012345678', 'defghijk', 'zyxwvuts'],
    ...[
      'asdfghjkl',
      'qweasdzxc',
      '1qaz2wsx3edc',
      'lkjhgfdsa',
      'qwertz123',
      'abc123456',
      'abc123def',
    ],
    ...['147258369', '159753456', '741852963', '159357456', '789456123', '321654987'],
    ...['11223344', '111222333444', 'aaabbbccc123', '9999888877766'],
  ])('sees the pattern in %s', (password) => {
    expect(passwordProblem(password)).toMatch(/row|common/)
  })

  it.each(['abcdabcd', '2580258025', 'k4v7k4v7k4', 'asdfasdf', '12341234'])(
    'sees the repetition in %s',
    (password) => {
      expect(passwordProblem(password)).toMatch(/repeat|common/)
    },
  )

  it.each([
    ...['dragon-moth-47', 'my dragon123', 'summer in berlin 2024', 'welcomemat77', 'kX9#mQkX9#mQ'],
    ...[
      '東京特許love',
      'passwörtlich2024',
      'qwertz-und-mehr',
      '1234-tulips-5678',
      'monkey7491638204',
    ],
    ...['381516234210', '271828182845', 'tr0ub4dor&3', 'zebra19830412x'],
  ])('takes %s, which only looks like them', (password) => {
    expect(passwordProblem(password)).toBeNull()
  })

  it('takes whatever chance makes', () => {
    const alphabets = {
      letters: 'abcdefghijklmnopqrstuvwxyz',
      mixed: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
      signs: 'abcdefghijkmnopqrstuvwxyz23456789!#$%&*+-=?@_',
      hexadecimal: '0123456789abcdef',
    }
    const passwords = Object.values(alphabets).flatMap((alphabet) =>
      Array.from({ length: 1_000 }, () =>
        Array.from({ length: 12 }, () => alphabet[below(alphabet.length)]).join(''),
      ),
    )
    expect(passwords.filter((password) => passwordProblem(password))).toEqual([])
  })

  it.each([' ', '-', '.', ''])('takes phrases of words chosen by dice, joined by "%s"', (joint) => {
    const words = (dictionary['diceware-common'] ?? []).map(String)
    expect(words.length).toBeGreaterThan(5_000)
    for (const count of [3, 4, 5, 6])
      for (const ending of ['', '7', '2024!']) {
        const phrases = Array.from(
          { length: 100 },
          () =>
            Array.from({ length: count }, () => words[below(words.length)]).join(joint) + ending,
        )
        const longEnough = phrases.filter(({ length }) => length >= 12)
        expect(longEnough.length).toBeGreaterThan(80)
        expect(longEnough.filter((phrase) => passwordProblem(phrase))).toEqual([])
      }
  })

  it.each([
    ['margarethe', { username: 'Margarethe' }],
    ['margarethe2024', { username: 'margarethe' }],
    ['jane.doe@example.com', { email: 'jane.doe@example.com' }],
    ['jane.doe1', { email: 'Jane.Doe@example.com' }],
  ])('refuses %s for whom it is about', (password, owner) => {
    expect(passwordProblem(password, owner)).toMatch(/user name or e-mail/)
  })
})

describe('the list of common passwords', () => {
  it('is read once, and again where it could not be', async () => {
    const answers = ['<!doctype html>', new Error('away'), COMMON_PASSWORDS, 'never asked for']
    const load = loadCommonPasswords(async () => {
      const answer = answers.shift()
      if (typeof answer === 'string') return answer
      throw answer
    })
    for (const _ of [1, 2])
      await expect(load()).rejects.toMatchObject({ code: 'service_unavailable' })
    expect((await load()).has('password')).toBe(true)
    expect(await load()).toBe(await load())
    expect(answers).toEqual(['never asked for'])
  })
})
