import { PluginError } from '../../ports/plugin-client.ts'

/** What the plug-in's selection looks at. */
export interface AccountFlags {
  /** 1: lent to everybody. */
  is_shared: number
  /** 1: enabled. */
  status: number
  need_refresh?: boolean | null | undefined
}

/** A slip of the newer plug-in: it can lend an account, and fails to take one back. */
export const cannotTakeBack = (error: unknown) =>
  error instanceof PluginError && error.status === 500 && /is not defined/.test(error.refusal ?? '')

/** Enabled, and not in need of a new authorization: what the plug-in may choose. */
export function isUsable({ status, need_refresh }: Omit<AccountFlags, 'is_shared'>): boolean {
  return status === 1 && need_refresh !== true
}
