import { call } from '../../lib/api.ts'
import { asFailure, explain } from '../../lib/failure.ts'
import { units } from '../../lib/format.ts'
import { answers, outdated } from '../../lib/queries.ts'
import { confirm, say } from '../../ui/feedback.tsx'
import type { Account } from './account.ts'
import { accountWords } from './words.ts'

/** What lending one account is worth, in units of the ceiling. */
const UNITS_PER_ACCOUNT = 2

/** Everything that says something about accounts, or about what they are worth. */
export function accountsChanged(): Promise<void> {
  return outdated(
    '/api/usage/accounts',
    '/api/plugin-api/accounts',
    '/api/quotas',
    '/api/quotas/ledger',
  )
}

export async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    say(explain(asFailure(error)))
  }
}

const pathOf = ({ cookie_id }: Account) => ({ path: { cookie_id } })

export async function toggleLending(account: Account): Promise<void> {
  const t = accountWords()
  const isLent = account.is_shared === 1
  const { ceiling } = await answers.fetchQuery({
    queryKey: ['/api/quotas', {}],
    queryFn: () => call('get', '/api/quotas', {}),
  })
  const counts = account.status === 1 && account.need_refresh !== true
  const after = Math.max(0, ceiling + (counts ? (isLent ? -1 : 1) * UNITS_PER_ACCOUNT : 0))
  const isSure = await confirm({
    title: isLent ? t.keepTitle : t.lendTitle,
    body: isLent
      ? t.keepBody(units(ceiling), units(after))
      : t.lendBody(units(ceiling), units(after)),
    action: isLent ? t.keep : t.lend,
  })
  if (!isSure) return
  await call('put', '/api/plugin-api/accounts/{cookie_id}/type', {
    ...pathOf(account),
    body: { is_shared: !isLent },
  })
  await accountsChanged()
}

export async function toggleStatus(account: Account): Promise<void> {
  await call('put', '/api/plugin-api/accounts/{cookie_id}/status', {
    ...pathOf(account),
    body: { status: account.status !== 1 },
  })
  await accountsChanged()
}

export async function rename(account: Account, name: string): Promise<void> {
  await call('put', '/api/plugin-api/accounts/{cookie_id}/name', {
    ...pathOf(account),
    body: { name },
  })
  await accountsChanged()
}

export async function remove(account: Account, name: string): Promise<void> {
  const t = accountWords()
  const isSure = await confirm({ title: t.removeTitle(name), body: t.removeBody, action: t.remove })
  if (!isSure) return
  await call('delete', '/api/plugin-api/accounts/{cookie_id}', pathOf(account))
  await accountsChanged()
}
