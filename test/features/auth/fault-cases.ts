import { randomUUID } from 'node:crypto'
import { newAdmin } from '../../support/admin.ts'
import { mailTo, tokenIn } from '../../support/mail.ts'
import { codeOf, enrol, letStepsPass, passwordStep } from '../../support/second-factor.ts'
import { call, newPerson, sql, type TestPerson } from '../../support/stack.ts'

export type Store = 'redis' | 'database'

/** What one call needs and leaves behind. */
export interface Case {
  needs: Store[]
  ask(baseUrl: string): ReturnType<typeof call>
  /** Changes with the call and with nothing else. */
  state(): Promise<unknown>
}

type Cases = Record<string, Case>

const BOTH: Store[] = ['redis', 'database']

const userRow = (person: TestPerson) => async () =>
  sql`select username, email, password_hash, role, is_active, banned_at, email_verified_at
    from users where id = ${person.id}`

const factorOf = (person: TestPerson) => async () => {
  const factor = await sql`select secret_ciphertext, confirmed_at from totp_factors
    where user_id = ${person.id}`
  const codes = await sql`select hash from recovery_codes where user_id = ${person.id}
    and used_at is null order by hash`
  return { factor, codes }
}

const newPeople = <Count extends number>(count: Count) =>
  Promise.all(Array.from({ length: count }, () => newPerson()))

/** A call as somebody, or as nobody. */
const asking =
  (method: string, path: string, json?: unknown, token?: string) => (baseUrl: string) =>
    call(path, {
      method,
      baseUrl,
      ...(token && { token }),
      ...(json !== undefined && { json }),
    })

/**
 * One call of each kind, each with a person of its own. All have just signed in: few calls need a
 * slow hash, which would make the others wait.
 */
export async function newCases(): Promise<Cases> {
  const parts = await Promise.all([recovery(), account(), secondFactor(), administration()])
  return Object.assign({}, ...parts) as Cases
}

async function recovery(): Promise<Cases> {
  const [reset, change, verify, victim] = (await newPeople(4)) as [
    TestPerson,
    TestPerson,
    TestPerson,
    TestPerson,
  ]
  await call('/api/auth/forgot-password', { json: { email: reset.email } })
  const resetToken = tokenIn(await mailTo(reset.email, /new password/))
  const verifyToken = tokenIn(await mailTo(verify.email, /Confirm/))
  return {
    'reset-password': {
      needs: BOTH,
      ask: asking('POST', '/api/auth/reset-password', {
        token: resetToken,
        new_password: `new-${reset.password}`,
      }),
      state: userRow(reset),
    },
    'forgot-password': {
      needs: BOTH,
      ask: asking('POST', '/api/auth/forgot-password', { email: victim.email }),
      state: () => sql`select hash from one_time_tokens
        where user_id = ${victim.id} and purpose = 'reset_password'`,
    },
    'change-password': {
      needs: BOTH,
      ask: asking(
        'POST',
        '/api/auth/change-password',
        { old_password: change.password, new_password: `new-${change.password}` },
        change.token,
      ),
      state: userRow(change),
    },
    'verify-email': {
      needs: ['database'],
      ask: asking('POST', '/api/auth/verify-email', { token: verifyToken }),
      state: userRow(verify),
    },
  }
}

async function account(): Promise<Cases> {
  const [rename, gone, move] = (await newPeople(3)) as [TestPerson, TestPerson, TestPerson]
  const name = `r${randomUUID().slice(0, 10)}`
  return {
    register: {
      needs: ['database'],
      ask: asking('POST', '/api/auth/register', { username: name, password: `pw-${name}-long` }),
      state: () => sql`select username from users where username = ${name}`,
    },
    rename: {
      needs: BOTH,
      ask: asking('PUT', '/api/users/me', { username: `${name}x` }, rename.token),
      state: userRow(rename),
    },
    'change my address': {
      needs: BOTH,
      ask: asking(
        'POST',
        '/api/auth/change-email',
        { new_email: `${name}@example.com` },
        move.token,
      ),
      state: () => sql`select new_email from email_changes where user_id = ${move.id}`,
    },
    'delete my account': {
      needs: BOTH,
      ask: asking('DELETE', '/api/users/me', {}, gone.token),
      state: userRow(gone),
    },
  }
}

async function secondFactor(): Promise<Cases> {
  const [verify, recover, begin, confirm, renew, disable] = (await newPeople(6)) as [
    TestPerson,
    TestPerson,
    TestPerson,
    TestPerson,
    TestPerson,
    TestPerson,
  ]
  const [first, second, third, fourth] = await Promise.all(
    [verify, recover, renew, disable].map((person) => enrol(person)),
  )
  if (!first || !second || !third || !fourth) throw new Error('nobody has enrolled')
  const [firstStep, secondStep] = [await passwordStep(first), await passwordStep(second)]
  const { body } = await call<{ secret: string }>('/api/auth/mfa/totp', {
    token: confirm.token,
    json: {},
  })
  // The code may be used up: the next one does it.
  const anew = (person: TestPerson) => async () => {
    await letStepsPass(person)
    return []
  }
  return {
    'mfa/verify': {
      needs: BOTH,
      ask: (baseUrl) =>
        asking('POST', '/api/auth/mfa/verify', {
          mfa_token: firstStep,
          code: codeOf(first.secret),
        })(baseUrl),
      state: anew(first),
    },
    'mfa/verify by a recovery code': {
      needs: BOTH,
      ask: asking('POST', '/api/auth/mfa/verify', {
        mfa_token: secondStep,
        recovery_code: second.recoveryCodes[0],
      }),
      state: async () => [],
    },
    'begin a second factor': {
      needs: BOTH,
      ask: asking('POST', '/api/auth/mfa/totp', {}, begin.token),
      state: factorOf(begin),
    },
    'confirm a second factor': {
      needs: BOTH,
      ask: (baseUrl) =>
        asking(
          'POST',
          '/api/auth/mfa/totp/confirm',
          { code: codeOf(body.secret) },
          confirm.token,
        )(baseUrl),
      state: factorOf(confirm),
    },
    'new recovery codes': {
      needs: BOTH,
      ask: (baseUrl) =>
        asking(
          'POST',
          '/api/auth/mfa/recovery-codes',
          { code: codeOf(third.secret) },
          third.token,
        )(baseUrl),
      state: async () => {
        await letStepsPass(third)
        return factorOf(third)()
      },
    },
    'remove a second factor': {
      needs: BOTH,
      ask: (baseUrl) =>
        asking(
          'POST',
          '/api/auth/mfa/disable',
          { code: codeOf(fourth.secret) },
          fourth.token,
        )(baseUrl),
      state: async () => {
        await letStepsPass(fourth)
        return factorOf(fourth)()
      },
    },
  }
}

async function administration(): Promise<Cases> {
  const admin = await newAdmin()
  const [ban, unban, change, gone, out, locked] = (await newPeople(6)) as [
    TestPerson,
    TestPerson,
    TestPerson,
    TestPerson,
    TestPerson,
    TestPerson,
  ]
  const enrolled = await enrol(await newPerson())
  await sql`update users set is_active = false, banned_at = now() where id = ${unban.id}`
  const name = `a${randomUUID().slice(0, 10)}`
  const asAdmin = (method: string, path: string, json?: unknown) =>
    asking(method, `/api/admin${path}`, json, admin.token)
  return {
    'list people': { needs: BOTH, ask: asAdmin('GET', '/users'), state: async () => [] },
    'read the audit log': { needs: BOTH, ask: asAdmin('GET', '/audit'), state: async () => [] },
    'make a person': {
      needs: BOTH,
      ask: asAdmin('POST', '/users', { username: name, password: `pw-${name}-long` }),
      state: () => sql`select username from users where username = ${name}`,
    },
    'change a person': {
      needs: BOTH,
      ask: asAdmin('PUT', `/users/${change.id}`, {
        role: 'model_manager',
        password: `new-${name}`,
      }),
      state: userRow(change),
    },
    ban: {
      needs: BOTH,
      ask: asAdmin('POST', `/users/${ban.id}/ban`, { reason: 'test' }),
      state: userRow(ban),
    },
    unban: { needs: BOTH, ask: asAdmin('POST', `/users/${unban.id}/unban`), state: userRow(unban) },
    'delete a person': {
      needs: BOTH,
      ask: asAdmin('DELETE', `/users/${gone.id}`),
      state: userRow(gone),
    },
    'sign somebody out': {
      needs: BOTH,
      ask: asAdmin('POST', `/users/${out.id}/logout`),
      state: async () => [],
    },
    unlock: {
      needs: BOTH,
      ask: asAdmin('POST', `/users/${locked.id}/unlock`),
      state: async () => [],
    },
    "take somebody's second factor away": {
      needs: BOTH,
      ask: asAdmin('POST', `/users/${enrolled.id}/reset-mfa`),
      state: factorOf(enrolled),
    },
  }
}
