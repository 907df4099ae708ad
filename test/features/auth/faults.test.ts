import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newAdmin } from '../../support/admin.ts'
import { type ChaosProxy, chaosProxy, type Fault } from '../../support/chaos.ts'
import { mailTo, tokenIn } from '../../support/mail.ts'
import { codeOf, enrol, letStepsPass, passwordStep } from '../../support/second-factor.ts'
import { call, newPerson, sql, stack, type TestPerson } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

type Store = 'redis' | 'database'

/** What one call needs and leaves behind. */
interface Case {
  needs: Store[]
  ask(baseUrl: string): ReturnType<typeof call>
  /** Changes with the call and with nothing else. */
  state(): Promise<unknown>
}

const FAULTS: Fault[] = ['refused', 'hung', 'slow', 'dropped']
const proxies = {} as Record<Store, ChaosProxy>
let worker: OwnWorker

beforeAll(async () => {
  proxies.redis = await chaosProxy(stack.bindings.UPSTASH_REDIS_REST_URL ?? '')
  proxies.database = await chaosProxy(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
  worker = await workerWith({
    UPSTASH_REDIS_REST_URL: proxies.redis.url,
    NEON_FETCH_ENDPOINT: proxies.database.url,
  })
})

afterAll(async () => {
  await worker?.[Symbol.asyncDispose]()
  for (const proxy of Object.values(proxies)) await proxy[Symbol.asyncDispose]()
})

const userRow = (person: TestPerson) => async () =>
  sql`select username, email, password_hash, role, is_active, banned_at, email_verified_at
    from users where id = ${person.id}`

/** One call of each kind, each with a person of its own. */
async function cases(): Promise<Record<string, Case>> {
  const [reset, change, verify, rename, gone, victim] = (await Promise.all(
    Array.from({ length: 6 }, () => newPerson()),
  )) as [TestPerson, TestPerson, TestPerson, TestPerson, TestPerson, TestPerson]
  const admin = await newAdmin()
  const second = await enrol(await newPerson())
  const mfaToken = await passwordStep(second)
  await call('/api/auth/forgot-password', { json: { email: reset.email } })
  const resetToken = tokenIn(await mailTo(reset.email, /new password/))
  const verifyToken = tokenIn(await mailTo(verify.email, /Confirm/))
  const username = `r${randomUUID().slice(0, 10)}`
  return {
    'reset-password': {
      needs: ['redis', 'database'],
      ask: (baseUrl) =>
        call('/api/auth/reset-password', {
          json: { token: resetToken, new_password: `new-${reset.password}` },
          baseUrl,
        }),
      state: userRow(reset),
    },
    'forgot-password': {
      needs: ['database'],
      ask: (baseUrl) =>
        call('/api/auth/forgot-password', { json: { email: victim.email }, baseUrl }),
      state: () => sql`select hash from one_time_tokens
        where user_id = ${victim.id} and purpose = 'reset_password'`,
    },
    'change-password': {
      needs: ['redis', 'database'],
      ask: (baseUrl) =>
        call('/api/auth/change-password', {
          token: change.token,
          json: { old_password: change.password, new_password: `new-${change.password}` },
          baseUrl,
        }),
      state: userRow(change),
    },
    'verify-email': {
      needs: ['database'],
      ask: (baseUrl) => call('/api/auth/verify-email', { json: { token: verifyToken }, baseUrl }),
      state: userRow(verify),
    },
    'mfa/verify': {
      needs: ['redis', 'database'],
      ask: (baseUrl) =>
        call('/api/auth/mfa/verify', {
          json: { mfa_token: mfaToken, code: codeOf(second.secret) },
          baseUrl,
        }),
      // The code may be used up: the next one does it.
      state: async () => {
        await letStepsPass(second)
        return []
      },
    },
    rename: {
      needs: ['redis', 'database'],
      ask: (baseUrl) =>
        call('/api/users/me', { method: 'PUT', token: rename.token, json: { username }, baseUrl }),
      state: userRow(rename),
    },
    'delete my account': {
      needs: ['redis', 'database'],
      ask: (baseUrl) =>
        call('/api/users/me', {
          method: 'DELETE',
          token: gone.token,
          json: { password: gone.password },
          baseUrl,
        }),
      state: userRow(gone),
    },
    ban: {
      needs: ['redis', 'database'],
      ask: (baseUrl) =>
        call(`/api/admin/users/${victim.id}/ban`, {
          method: 'POST',
          token: admin.token,
          json: { reason: 'test' },
          baseUrl,
        }),
      state: userRow(victim),
    },
  }
}

describe.each(['redis', 'database'] as const)('%s is', (store) => {
  it.each(FAULTS)('%s: 503 within three seconds, nothing half done', async (fault) => {
    const all = await cases()
    const before = await Promise.all(Object.values(all).map(({ state }) => state()))
    proxies[store].fault = fault
    const answers = await Promise.all(
      Object.values(all).map(async ({ ask, needs }) => {
        if (!needs.includes(store)) return null
        const startedAt = performance.now()
        const { status, headers } = await ask(worker.url)
        return { status, retry: headers.get('retry-after'), took: performance.now() - startedAt }
      }),
    )
    proxies[store].fault = 'none'
    const after = await Promise.all(Object.values(all).map(({ state }) => state()))
    // A store that did the work and whose answer was lost has done it whole.
    const mayBeDone = fault === 'dropped'
    for (const [index, name] of Object.keys(all).entries()) {
      const answer = answers[index]
      if (!answer) continue
      expect(answer.status, name).toBe(503)
      expect(answer.retry, name).not.toBeNull()
      // Three seconds, and what the other calls' slow hashes take on the same core.
      expect(answer.took, name).toBeLessThan(3_000)
      if (!mayBeDone) expect(after[index], name).toEqual(before[index])
    }
    if (mayBeDone) return
    for (const [name, { ask, needs }] of Object.entries(all)) {
      if (!needs.includes(store) || needs.length < 2) continue
      const { status } = await ask(worker.url)
      // Sessions that ended before Redis failed stay ended; everything else goes through now.
      expect([200, 401], `${name} afterwards`).toContain(status)
    }
  })
})
