import { describe, expect, it } from 'vitest'
import { accountHealth, modelHealth } from '../../../src/sharing/lending/health.ts'
import { isUsable } from '../../../src/sharing/plugin/account.ts'

const NOW = Date.parse('2026-01-31T10:00:00Z')
const row = (quota: number | null, status: number, reset_time: string | null = null) => ({
  model_name: 'models/a b',
  quota,
  status,
  reset_time,
})

describe('the health of a model', () => {
  it.each([
    [row(0.5, 1), 'ok', undefined],
    [row(null, 1), 'ok', undefined],
    [row(0.5, 0), 'disabled', 'although 0.5 of it is left'],
    [row(null, 0), 'disabled', 'The AI service has switched'],
    [row(0, 0), 'exhausted', 'it is switched on again soon after'],
    [row(0, 1), 'exhausted', 'Nothing is left for models/a b.'],
    [row(-0.1, 0), 'exhausted', 'it is switched on again soon after'],
  ])('%j is %s', (model, state, words) => {
    const health = modelHealth('c', model, NOW)
    expect(health.state).toBe(state)
    expect(health.reasons[0]?.message ?? '').toContain(words ?? '')
    expect(health.reasons).toHaveLength(words ? 1 : 0)
  })

  it('says until when only while that is to come', () => {
    const later = '2026-01-31T11:00:00.000Z'
    expect(modelHealth('c', row(0, 0, later), NOW).reasons[0]).toMatchObject({ until: later })
    const earlier = '2026-01-31T09:00:00.000Z'
    expect(modelHealth('c', row(0, 0, earlier), NOW).reasons[0]).not.toHaveProperty('until')
  })

  it('names the call that helps, with the name of the model encoded', () => {
    const [reason] = modelHealth('c', row(1, 0), NOW).reasons
    expect(reason?.message).toContain('/accounts/c/quotas/models%2Fa%20b/status {"status": 1}')
  })
})

describe('the health of an account', () => {
  const account = (status: number, need_refresh: boolean | null) => ({
    cookie_id: 'c',
    is_shared: 1,
    status,
    need_refresh,
  })

  it.each([
    [account(1, false), 'ok', true],
    [account(1, null), 'ok', true],
    [account(0, false), 'disabled', false],
    [account(0, true), 'needs_reauthorization', false],
    [account(1, true), 'needs_reauthorization', false],
  ])('%j is %s', (each, state, usable) => {
    expect(accountHealth(each, NOW).state).toBe(state)
    expect(isUsable(each)).toBe(usable)
  })

  it('is limited by its models, but first of all its own', () => {
    const quotas = [row(0, 0)].map((each) => ({ ...each, ...unread }))
    expect(accountHealth(account(1, false), NOW, quotas)).toMatchObject({
      state: 'limited',
      reasons: [{ code: 'model_exhausted' }],
    })
    expect(accountHealth(account(0, false), NOW, quotas)).toMatchObject({
      state: 'disabled',
      reasons: [{ code: 'disabled' }, { code: 'model_exhausted' }],
    })
  })
})

const unread = { quota_id: null, cookie_id: null, last_fetched_at: null, created_at: null }
