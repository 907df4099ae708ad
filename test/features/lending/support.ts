import { bringAccount, call, newPerson, standIn, type TestPerson } from '../../support/stack.ts'

export const API = '/api/plugin-api'
export const MODEL = 'gemini-3-pro-high'

export interface Health {
  state: string
  reasons: { code: string; message: string; model?: string; until?: string }[]
}

export interface AccountBody {
  cookie_id: string
  name: string | null
  is_shared: number
  status: number
  need_refresh: boolean | null
  expires_at: number | null
  last_used_at: string | null
  created_at: string | null
  health: Health
}

export interface QuotaBody {
  model_name: string
  quota: number | null
  status: number
  reset_time: string | null
  health: Health
}

export interface SeenRequest {
  seq: number
  method: string
  path: string
  query: string
  headers: Record<string, string>
  body: string
}

/** Somebody with one account, and the key by which the stand-in knows them. */
export interface Lender extends TestPerson {
  cookieId: string
  pluginKey: string
}

export async function newLender(isShared: 0 | 1 = 0, quota = 1): Promise<Lender> {
  const person = await newPerson()
  const cookieId = await bringAccount(person, isShared, quota)
  await call(`${API}/accounts/${cookieId}`, { token: person.token })
  const { requests } = await standIn<{ requests: SeenRequest[] }>('requests')
  const seen = requests.find((each) => each.path === `/api/accounts/${cookieId}`)
  const pluginKey = seen?.headers.authorization?.replace('Bearer ', '') ?? ''
  if (!pluginKey) throw new Error('the stand-in has not seen the account')
  return { ...person, cookieId, pluginKey }
}

/** What the stand-in has been asked on behalf of somebody since `seq`. */
export async function askedBy(lender: Lender, seq: number): Promise<SeenRequest[]> {
  const { requests } = await standIn<{ requests: SeenRequest[] }>(`requests?after=${seq}`)
  return requests.filter((each) => each.headers.authorization === `Bearer ${lender.pluginKey}`)
}

export async function latestRequest(): Promise<number> {
  return (await standIn<{ latest: number }>('requests')).latest
}

/** Calls as somebody. */
export function as(person: TestPerson, baseUrl?: string) {
  return <Data = Record<string, unknown>>(method: string, path: string, json?: unknown) =>
    call<{ success: boolean; data: Data; code: string; detail: string }>(path, {
      method,
      token: person.token,
      ...(json !== undefined && { json }),
      ...(baseUrl && { baseUrl }),
    })
}
