/** What the stand-in keeps. Times are epoch milliseconds, amounts ten-thousandths (see units.ts). */

/** One user of the plug-in API. */
export interface User {
  user_id: string
  api_key: string
  name: string | null
  prefer_shared: 0 | 1
  status: 0 | 1
  created_at: number
  updated_at: number
}

/** The stored quota of one account for one model: what the service believes. */
export interface ModelQuota {
  quota_id: string
  model_name: string
  quota: number
  reset_time: number
  status: 0 | 1
  last_fetched_at: number
  created_at: number
}

/** The remaining quota as the upstream knows it: the truth that the stored value lags behind. */
export interface LiveQuota {
  units: number
  resetsAt: number
}

/** What happens when the upstream is asked for a new access token. */
export type TokenHealth = 'ok' | 'invalid_grant' | 'broken'

/** One upstream account. */
export interface Account {
  cookie_id: string
  user_id: string
  email: string
  name: string
  /** 0 or 1; other numbers are possible because authorization does not validate them. */
  is_shared: number
  status: 0 | 1
  need_refresh: boolean
  expires_at: number
  project_id_0: string
  is_restricted: boolean
  ineligible: boolean
  paid_tier: boolean | null
  created_at: number
  updated_at: number
  quotas: Record<string, ModelQuota>
  live: Record<string, LiveQuota>
  token: TokenHealth
}

/** What one user may still draw from shared accounts, for one model. */
export interface PoolRow {
  pool_id: string
  user_id: string
  model_name: string
  quota: number
  max_quota: number
  last_recovered_at: number
  last_updated_at: number
}

/** One line of the consumption log. */
export interface Consumption {
  log_id: string
  user_id: string
  cookie_id: string
  model_name: string
  quota_before: number
  quota_after: number
  quota_consumed: number
  is_shared: 0 | 1
  consumed_at: number
}

/** Everything that survives a restart. */
export interface Snapshot {
  users: User[]
  accounts: Account[]
  pools: PoolRow[]
  log: Consumption[]
}
