import { beforeAll, expect, it } from 'vitest'
import { asAdmin, newAdmin } from '../../support/admin.ts'
import type { TestPerson } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

let admin: TestPerson
beforeAll(async () => {
  admin = await newAdmin()
})

interface Setting {
  name: string
  state: string
  is_secret: boolean
  value: string | null
}

it('settings are shown as they were written, ours where they were not, and no secret', async () => {
  await using worker = await workerWith({
    RATE_LIMIT: '70/2m',
    GITHUB_CLIENT_ID: 'our-github-client',
    GITHUB_CLIENT_SECRET: 'a-secret-of-github',
    MAIL_API_KEY: 'a-secret-of-the-mail-service',
    QUOTA_WEBHOOK_URL: 'https://hooks.example.com/a-secret-in-a-path',
    QUOTA_WEBHOOK_SECRET: `whsec_${Buffer.from('a-secret-of-24-bytes-or-more').toString('base64')}`,
    NO_SETTING_OF_OURS: 'something else',
  })
  const { status, headers, body } = await asAdmin(admin, worker.url)<Setting[]>(
    'GET',
    '/api/admin/settings',
  )
  expect(status).toBe(200)
  expect(headers.get('cache-control')).toBe('no-store')
  const by = Object.fromEntries(body.map(({ name, ...setting }) => [name, setting]))
  expect(by.RATE_LIMIT).toEqual({ state: 'set', is_secret: false, value: '70/2m' })
  expect(by.LOGIN_RATE_LIMIT).toEqual({ state: 'default', is_secret: false, value: '20/1m' })
  expect(by.SMTP_PORT).toEqual({ state: 'default', is_secret: false, value: '587' })
  expect(by.PUBLIC_URL?.is_secret).toBe(false)
  expect(by.GITHUB_CLIENT_ID?.value).toBe('our-github-client')
  const secret = { state: 'set', is_secret: true, value: null }
  for (const name of [
    ...['DATABASE_URL', 'UPSTASH_REDIS_REST_TOKEN', 'JWT_SECRET_KEY', 'GITHUB_CLIENT_SECRET'],
    ...['PLUGIN_API_ADMIN_KEY', 'PLUGIN_API_ENCRYPTION_KEY', 'MAIL_API_KEY', 'QUOTA_WEBHOOK_URL'],
  ])
    expect(by[name], name).toEqual(secret)
  expect(by.UPSTREAM_API_KEY).toEqual({ state: 'unset', is_secret: true, value: null })
  expect(by).not.toHaveProperty('NO_SETTING_OF_OURS')
  expect(JSON.stringify(body)).not.toContain('a-secret')
})
