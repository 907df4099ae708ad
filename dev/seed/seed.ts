import { randomBytes } from 'node:crypto'
import { createUser } from '../cli/people.ts'
import { UsageError } from '../cli/target.ts'
import type { DemoLogin } from '../stack/dev-file.ts'
import { ApiError, callApi } from './api.ts'
import { writeHistory } from './history.ts'

/** The people of the demo and the key of one of them. */
export interface Demo {
  admin: DemoLogin
  user: DemoLogin
  apiKey: string
}

interface SeedInput {
  baseUrl: string
  databaseUrl: string
  neonEndpoint: string | undefined
  /** Whether the stand-in plug-in API runs, at which accounts can be authorized by a script. */
  hasStandIn: boolean
  /** What an earlier start made. */
  earlier: Demo | null
}

const PROVISIONING_ATTEMPTS = 50

/**
 * Makes the demo through the API, as a person would: an administrator, and a user who brings one
 * dedicated and one shared account and makes a key. What an earlier start made stays.
 */
export async function seed(input: SeedInput): Promise<Demo> {
  if (input.earlier && (await stillWorks(input.baseUrl, input.earlier))) return input.earlier
  const admin = await makeAdministrator(input)
  const user = await register(input.baseUrl, 'demo')
  const { access_token: token, user_id: userId } = await login(input.baseUrl, user)
  if (input.hasStandIn) {
    await provisioned(input.baseUrl, token)
    await bringAccount(input.baseUrl, token, {
      isShared: 0,
      email: `${user.username}.dedicated@example.com`,
    })
    await bringAccount(input.baseUrl, token, {
      isShared: 1,
      email: `${user.username}.shared@example.com`,
    })
  }
  const makeKey = (name: string) =>
    callApi<{ id: number; key: string }>(input.baseUrl, '/api/api-keys', {
      token,
      body: { name, description: 'Made at the first start' },
    })
  const { id, key } = await makeKey('Demo')
  const other = await makeKey('Notebook')
  await writeHistory({ ...input, userId, apiKeyIds: [id, other.id] })
  return { admin, user, apiKey: key }
}

async function stillWorks(baseUrl: string, { user }: Demo): Promise<boolean> {
  try {
    await login(baseUrl, user)
    return true
  } catch (error) {
    // Another database than last time; anything else is worth knowing about.
    if (error instanceof ApiError && error.status === 401) return false
    throw error
  }
}

function login(
  baseUrl: string,
  { username, password }: DemoLogin,
): Promise<{ access_token: string; user_id: number }> {
  return callApi(baseUrl, '/api/auth/login', { body: { username, password } })
}

async function register(baseUrl: string, name: string): Promise<DemoLogin> {
  for (const person of candidates(name)) {
    try {
      await callApi(baseUrl, '/api/auth/register', { body: person })
      return person
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) throw error
    }
  }
  throw new Error(`No free name for the demo's ${name} was found.`)
}

/** The first administrator cannot be made through the API by anybody: there is none yet to allow it. */
async function makeAdministrator({ databaseUrl, neonEndpoint }: SeedInput): Promise<DemoLogin> {
  const target = { source: 'the local stack', databaseUrl, neonEndpoint, redis: undefined }
  for (const person of candidates('admin')) {
    try {
      await createUser(target, { ...person, role: 'admin' })
      return person
    } catch (error) {
      if (!(error instanceof UsageError && /_taken$/.test(error.code ?? ''))) throw error
    }
  }
  throw new Error("No free name for the demo's admin was found.")
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
