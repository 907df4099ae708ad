import { describe, expect, it } from 'vitest'
import { passwordProblem } from '../../../src/features/password-policy/index.ts'

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
    ['margarethe', { username: 'Margarethe' }],
    ['margarethe2024', { username: 'margarethe' }],
    ['jane.doe@example.com', { email: 'jane.doe@example.com' }],
    ['jane.doe1', { email: 'Jane.Doe@example.com' }],
  ])('refuses %s for whom it is about', (password, owner) => {
    expect(passwordProblem(password, owner)).toMatch(/user name or e-mail/)
  })
})
