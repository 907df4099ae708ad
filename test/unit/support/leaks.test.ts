import { describe, expect, it } from 'vitest'
import { leaksInAnswer, leaksInLog, secretsOf } from '../../support/leaks.ts'

describe('what must not be seen in a log', () => {
  it.each([
    'refresh eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
    'key sk-sa-0000022QC7YWT58FNaGEXSeQTzZiT1om6FcThegqI9202m1uE0c2BEH',
    'hash $argon2id$v=19$m=19456,t=2,p=1$c2FsdA$dGFn',
    'sql select id from users where email = $1',
    'password pw-01234567-89ab-4cde-8f01-23456789abcd',
    'a value of our own',
  ])('%s', (line) => {
    expect(leaksInLog(line, ['a value of our own'])).not.toEqual([])
  })

  it('an ordinary line holds none of it', () => {
    const line =
      '{"time":"2026-01-01T00:00:00.000Z","level":"info","event":"request","request_id":"01234567-89ab-4cde-8f01-23456789abcd","route":"/api/auth/reset-password"}'
    expect(leaksInLog(line, secretsOf({ JWT_SECRET_KEY: 'x'.repeat(32), APP_ENV: 'dev' }))).toEqual(
      [],
    )
  })
})

it('what must not be seen in an answer', () => {
  expect(
    leaksInAnswer('{"detail":"pass phrase 1 is wrong"}', { password: 'pass phrase 1' }, []),
  ).toEqual(['a password'])
  expect(leaksInAnswer('Error\\n    at x (worker.js:1:1)', undefined, [])).toEqual(['a stack'])
  expect(
    leaksInAnswer('{"access_token":"eyJ.eyJ.sig"}', { password: 'pass phrase 1' }, []),
  ).toEqual([])
  const secrets = secretsOf({
    JWT_SECRET_KEY: 'a value of our own',
    FB_TOKEN_ENDPOINT: 'https://x.y',
  })
  expect(secrets).toEqual(['a value of our own'])
  expect(leaksInAnswer('<p>a value of our own</p>', undefined, secrets)).toEqual(['a setting'])
})
