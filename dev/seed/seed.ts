import { randomBytes } from 'node:crypto'
import { createUser, isThere } from '../cli/people.ts'
import { type Target, UsageError } from '../cli/target.ts'
import type { DemoLogin } from '../stack/dev-file.ts'
import { callApi } from './api.ts'
import { writeHistory } from './history.ts'
import { throughPlainWorker } from './plain-worker.ts'

/** The people of the demo and the key of one of them. */
export interface Demo {
  admin: DemoLogin
  user: DemoLogin
  apiKey: string
}

interface SeedInput {
  /** What the stack's Worker was given. */
  bindings: Record<string, string>
  /** Whether the stand-in plug-in API runs, at which accounts can be authorized by a script. */
  hasStandIn: boolean
  /** What an earlier start made. */
  earlier: Demo | null
}

const PROVISIONING_ATTEMPTS = 50

/**
 * Makes the demo: an administrator and a user, from the command line, as with registration closed; the
 * user brings one dedicated and one shared account and makes a key through the API. What an earlier
 * start made stays, unless the database is another one.
 */
export async function seed({ bindings, hasStandIn, earlier }: SeedInput): Promise<Demo> {
  const target = {
    source: 'the local stack',
    databaseUrl: bindings.DATABASE_URL ?? '',
    neonEndpoint: bindings.NEON_FETCH_ENDPOINT,
    redis: undefined,
  }
  if (earlier && (await isThere(target, earlier.user))) return earlier
  const admin = await makePerson(target, 'admin', 'admin')
  const user = await makePerson(target, 'demo', 'user')
  return throughPlainWorker(bindings, hasStandIn, async (baseUrl) => {
    const { access_token: token, user_id: userId } = await login(baseUrl, user)
    if (hasStandIn) {
      // Nobody has asked for their users at the plug-in API yet, as registration would.
      const { access_token: adminToken } = await login(baseUrl, admin)
      await callApi(baseUrl, '/api/admin/jobs/plugin-provisioning/run', {
        token: adminToken,
        body: {},
      })
      await bringAccounts(baseUrl, token, user.username)
    }
    const makeKey = (name: string) =>
      callApi<{ id: number; key: string }>(baseUrl, '/api/api-keys', {
        token,
        body: { name, description: 'Made at the first start' },
      })
    const { id, key } = await makeKey('Demo')
    const other = await makeKey('Notebook')
    await writeHistory({ ...target, userId, apiKeyIds: [id, other.id] })
    return { admin, user, apiKey: key }
  })
}

async function bringAccounts(baseUrl: string, token: string, name: string): Promise<void> {
  await provisioned(baseUrl, token)
  await bringAccount(baseUrl, token, { isShared: 0, email: `${name}.dedicated@example.com` })
  await bringAccount(baseUrl, token, { isShared: 1, email: `${name}.shared@example.com` })
}

function login(
  baseUrl: string,
  { username, password }: DemoLogin,
): Promise<{ access_token: string; user_id: number }> {
  return callApi(baseUrl, '/api/auth/login', { body: { username, password } })
}

async function makePerson(target: Target, name: string, role: string): Promise<DemoLogin> {
  for (const person of candidates(name)) {
    try {
      await createUser(target, { ...person, role })
      return person
    } catch (error) {
      if (!(error instanceof UsageError && /_taken$/.test(error.code ?? ''))) throw error
    }
  }
  throw new Error(`No free name for the demo's ${name} was found.`)
}

/** The plain name, and one with a suffix where somebody has it (a database of one's own). */
function candidates(name: string): DemoLogin[] {
  return [name, `${name}-${randomBytes(3).toString('hex')}`].map((username) => ({
    username,
    email: `${username}@example.com`,
    password: randomBytes(12).toString('base64url'),
  }))
}

async function provisioned(baseUrl: string, token: string): Promise<void> {
  for (let attempt = 0; attempt < PROVISIONING_ATTEMPTS; attempt++) {
    const { state } = await callApi<{ state: string }>(baseUrl, '/api/plugin-api/key', { token })
    if (state === 'ready') return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('The demo user has not got a plug-in user in time.')
}

/** Gives the consent that a person would give on the stand-in's page. */
async function bringAccount(
  baseUrl: string,
  token: string,
  { isShared, email }: { isShared: 0 | 1; email: string },
): Promise<void> {
  const { data } = await callApi<{ data: { auth_url: string; state: string } }>(
    baseUrl,
    '/api/plugin-api/oauth/authorize',
    { token, body: { is_shared: isShared } },
  )
  const consent = await fetch(data.auth_url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      state: data.state,
      decision: 'approve',
      email,
      tier: 'paid',
      quota: '1',
    }),
  })
  const callbackUrl = consent.headers.get('location')
  if (!callbackUrl) throw new Error(`The stand-in's consent page answered ${consent.status}.`)
  await callApi(baseUrl, '/api/plugin-api/oauth/callback', {
    token,
    body: { callback_url: callbackUrl },
  })
}
