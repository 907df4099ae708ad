import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { callApi } from '../../dev/seed/api.ts'
import type { Stack } from '../../dev/stack/stack.ts'
import { createNeon } from '../../src/db/neon.ts'

const PROVISIONING_ATTEMPTS = 50
/** Of one lent account, in 1/10,000 unit. */
const CEILING = 20_000

/** What a person of the scenario may use. */
export interface Allowance {
  /** What is in each of their pools, in 1/10,000 unit. */
  pool: number
  /** Of the key, in units a day; null: it has no limit of its own. */
  keyBudget: number | null
}

/**
 * Makes somebody whom only their pool lets through: they have no account of their own. Nothing is
 * drawn from it, since the upstream keeps no accounts.
 *
 * @returns their key
 */
export async function makePerson(stack: Stack, { pool, keyBudget }: Allowance): Promise<string> {
  const { url } = stack.worker
  const username = `bench-${randomBytes(6).toString('hex')}`
  const password = randomBytes(12).toString('base64url')
  const email = `${username}@example.com`
  await callApi(url, '/api/auth/register', { body: { username, email, password } })
  const { access_token: token } = await callApi<{ access_token: string }>(url, '/api/auth/login', {
    body: { username, password },
  })
  await provisioned(url, token)
  const sql = createNeon(stack.bindings.DATABASE_URL ?? '', stack.bindings.NEON_FETCH_ENDPOINT)
  await sql`
    insert into quota_holders (user_id, shared_accounts, ceiling, balance, accrued_at, version)
    select id, 1, ${CEILING}, ${pool}, now() + interval '1 day', 1000 from users
    where username = ${username}
    on conflict (user_id) do update set shared_accounts = 1, ceiling = excluded.ceiling,
      balance = excluded.balance, accrued_at = excluded.accrued_at, version = excluded.version`
  const limit = keyBudget === null ? {} : { quota_per_day: keyBudget }
  const { key } = await callApi<{ key: string }>(url, '/api/api-keys', { token, body: limit })
  return key
}

async function provisioned(url: string, token: string): Promise<void> {
  for (let attempt = 0; attempt < PROVISIONING_ATTEMPTS; attempt++) {
    const { state } = await callApi<{ state: string }>(url, '/api/plugin-api/key', { token })
    if (state === 'ready') return
    await sleep(100)
  }
  throw new Error('A person of the bench has not got a plug-in user in time.')
}
