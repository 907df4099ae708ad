import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { campaign } from '../../support/campaign.ts'
import { mailTo, tokenIn } from '../../support/mail.ts'
import { redis } from '../../support/redis.ts'
import { codeOf, enrol, letStepsPass, passwordStep } from '../../support/second-factor.ts'
import { type ApiAnswer, call, newPerson, sql, stack } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

const PARALLEL = 50
const ROUNDS = campaign('RACE_ROUNDS', { share: 3, full: 20 })
/** Where each request costs a slow hash, fewer do. */
const HASHING_PARALLEL = campaign('RACE_PARALLEL', { share: 6, full: PARALLEL })

/** Allows as many codes as there are requests, so that what decides is whether a code was used. */
let patient: OwnWorker

beforeAll(async () => {
  patient = await workerWith({ MAX_LOGIN_ATTEMPTS: '1000', MAX_LOGIN_ATTEMPTS_PER_ADDRESS: '1000' })
})

afterAll(async () => {
  await patient?.[Symbol.asyncDispose]()
})

const parallel = <Answer>(count: number, ask: (index: number) => Promise<Answer>) =>
  Promise.all(Array.from({ length: count }, (_, index) => ask(index)))

const withStatus = (answers: ApiAnswer<unknown>[], status: number) =>
  answers.filter((answer) => answer.status === status)

const verify = (json: Record<string, unknown>) => call('/api/auth/mfa/verify', { json })

/** As if nobody had guessed before. */
async function forgetGuesses(userId: number): Promise<void> {
  await redis('DEL', `lockout:second-factor:sign-in:${userId}`)
}

/** Tokens for the second step as sign-ins leave them, without as many slow hashes. */
async function challenges(userId: number, count: number): Promise<string[]> {
  const tokens = Array.from({ length: count }, () => randomUUID())
  const value = JSON.stringify({ userId, step: 'verify', generation: null })
  await Promise.all(
    tokens.map((token) => {
      const hash = createHash('sha256').update(token).digest('hex')
      return redis('SET', `once:second-factor:${hash}`, value, 'EX', '300')
    }),
  )
  return tokens
}

/** A code that is not the app's now, nor a step before or after. */
function wrongCode(secret: string): string {
  const right = [-2, -1, 0, 1, 2].map((steps) => codeOf(secret, steps))
  for (let guess = 0; ; guess++) {
    const code = String(guess).padStart(6, '0')
    if (!right.includes(code)) return code
  }
}

describe('of many requests at once', () => {
  // By two Workers: one alone hashes one password after the other, so that its claims hardly meet.
  it('one resets a password with a token', { timeout: 600_000 }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const person = await newPerson()
      await call('/api/auth/forgot-password', { json: { email: person.email } })
      const token = tokenIn(await mailTo(person.email, /new password/))
      const passwords = Array.from({ length: HASHING_PARALLEL }, () => `new-${randomUUID()}`)
      const answers = await parallel(HASHING_PARALLEL, (index) =>
        call('/api/auth/reset-password', {
          json: { token, new_password: passwords[index] },
          baseUrl: index % 2 ? patient.url : stack.baseUrl,
        }),
      )
      expect(withStatus(answers, 200)).toHaveLength(1)
      expect(withStatus(answers, 400)).toHaveLength(HASHING_PARALLEL - 1)
      const winner = passwords[answers.findIndex((answer) => answer.status === 200)]
      const login = await call('/api/auth/login', {
        json: { username: person.username, password: winner },
      })
      expect(login.status).toBe(200)
    }
  })

  it('one confirms an address', async () => {
    const person = await newPerson()
    const token = tokenIn(await mailTo(person.email, /Confirm your e-mail/))
    for (let round = 0; round < ROUNDS; round++) {
      await sql`update one_time_tokens set consumed_at = null, consumed_by = null
        where user_id = ${person.id}`
      const answers = await parallel(PARALLEL, () =>
        call('/api/auth/verify-email', { json: { token } }),
      )
      expect(withStatus(answers, 200)).toHaveLength(1)
    }
    const events = await sql`select 1 from audit_events
      where user_id = ${person.id} and event = 'email.verified'`
    expect(events).toHaveLength(ROUNDS)
  })

  it('one uses a code of the app', async () => {
    const person = await enrol(await newPerson())
    for (let round = 0; round < ROUNDS; round++) {
      await letStepsPass(person)
      await forgetGuesses(person.id)
      const tokens = await challenges(person.id, PARALLEL)
      const code = codeOf(person.secret)
      const answers = await parallel(PARALLEL, (index) =>
        call('/api/auth/mfa/verify', {
          json: { mfa_token: tokens[index], code },
          baseUrl: patient.url,
        }),
      )
      expect(withStatus(answers, 200)).toHaveLength(1)
      expect(withStatus(answers, 400)).toHaveLength(PARALLEL - 1)
    }
  })

  it('one uses a recovery code', async () => {
    const person = await enrol(await newPerson())
    for (let round = 0; round < ROUNDS; round++) {
      await forgetGuesses(person.id)
      await sql`update recovery_codes set used_at = null, used_by = null
        where user_id = ${person.id}`
      const tokens = await challenges(person.id, PARALLEL)
      const answers = await parallel(PARALLEL, (index) =>
        call('/api/auth/mfa/verify', {
          json: { mfa_token: tokens[index], recovery_code: person.recoveryCodes[round % 10] },
          baseUrl: patient.url,
        }),
      )
      expect(withStatus(answers, 200)).toHaveLength(1)
    }
    const events = await sql`select 1 from audit_events where user_id = ${person.id}
      and event = 'second_factor.recovery_code_used'`
    expect(events).toHaveLength(ROUNDS)
  })

  it('one signs in with a token for the second step, even with two right codes', async () => {
    const person = await enrol(await newPerson())
    for (let round = 0; round < 10; round++) {
      await letStepsPass(person)
      await forgetGuesses(person.id)
      const token = await passwordStep(person)
      const answers = await parallel(2, (index) =>
        verify(
          index
            ? { mfa_token: token, recovery_code: person.recoveryCodes[9 - round] }
            : { mfa_token: token, code: codeOf(person.secret) },
        ),
      )
      expect(withStatus(answers, 200)).toHaveLength(1)
    }
  })

  it('no more than five guess a code', async () => {
    const person = await enrol(await newPerson())
    const token = await passwordStep(person)
    for (let round = 0; round < ROUNDS; round++) {
      await forgetGuesses(person.id)
      const code = wrongCode(person.secret)
      const answers = await parallel(PARALLEL, () => verify({ mfa_token: token, code }))
      expect(withStatus(answers, 400)).toHaveLength(5)
      expect(withStatus(answers, 429)).toHaveLength(PARALLEL - 5)
    }
  })

  it('one completes an enrolment, and its recovery codes are the ones that count', async () => {
    const person = await newPerson()
    const { body } = await call<{ secret: string }>('/api/auth/mfa/totp', {
      token: person.token,
      json: {},
    })
    const answers = await parallel(5, () =>
      call<{ recovery_codes: string[] }>('/api/auth/mfa/totp/confirm', {
        token: person.token,
        json: { code: codeOf(body.secret) },
      }),
    )
    const [winner] = answers.filter((answer) => answer.status === 200)
    expect(withStatus(answers, 200)).toHaveLength(1)
    const rows = await sql`select 1 from recovery_codes where user_id = ${person.id}`
    expect(rows).toHaveLength(10)
    const login = await verify({
      mfa_token: await passwordStep(person),
      recovery_code: winner?.body.recovery_codes[0],
    })
    expect(login.status).toBe(200)
  })
})
