import { randomInt } from 'node:crypto'
import { call, newPerson, sql, type TestPerson } from '../../../support/stack.ts'

export type Store = 'redis' | 'database'

export const BOTH: Store[] = ['redis', 'database']

/** What one call needs and leaves behind. */
export interface Case {
  needs: Store[]
  ask(baseUrl: string): ReturnType<typeof call>
  /** Changes with the call and with nothing else. */
  state(): Promise<unknown>
  /** When the stores are well again; what changes something may find it done, or its session ended. */
  answers: number[]
}

/** By the route that is called, as `POST /api/…`; where there are several of one, with a word behind it. */
export type Cases = Record<string, Case>

interface Call {
  json?: unknown
  token?: string | undefined
  /** Where it differs from the route's. */
  path?: string
}

const nothing = async () => []

/** A case for a route. A call is made when it is asked for: a code of an app is good for some seconds. */
export function on(
  route: string,
  call: Call | (() => Call),
  { state = nothing, needs = BOTH, answers = [200, 201, 202, 401] }: Partial<Case> = {},
): Cases {
  return { [route]: { needs, ask: (baseUrl) => askOnce(route, call, baseUrl), state, answers } }
}

function askOnce(route: string, given: Call | (() => Call), baseUrl: string) {
  const [method = '', declared = ''] = route.split(' ')
  const { json, token, path = declared } = typeof given === 'function' ? given() : given
  return call(path, {
    method,
    baseUrl,
    // Calls from one address have a limit of their own.
    headers: { 'cf-connecting-ip': `198.18.${randomInt(256)}.${randomInt(256)}` },
    ...(token && { token }),
    ...(json !== undefined && { json }),
  })
}

export const userRow = (person: { id: number }) => async () =>
  sql`select username, email, password_hash, role, is_active, banned_at, email_verified_at
    from users where id = ${person.id}`

export const factorOf = (person: { id: number }) => async () => {
  const factor = await sql`select secret_ciphertext, confirmed_at from totp_factors
    where user_id = ${person.id}`
  const codes = await sql`select hash from recovery_codes where user_id = ${person.id}
    and used_at is null order by hash`
  return { factor, codes }
}

export const tokensOf = (person: { id: number }, purpose: string) => async () =>
  sql`select hash from one_time_tokens where user_id = ${person.id} and purpose = ${purpose}`

/** So many people, by the names that they are called. */
export async function newPeople<Name extends string>(
  baseUrl: string,
  ...names: Name[]
): Promise<Record<Name, TestPerson>> {
  const people = await Promise.all(names.map(async (name) => [name, await newPerson(baseUrl)]))
  return Object.fromEntries(people) as Record<Name, TestPerson>
}
