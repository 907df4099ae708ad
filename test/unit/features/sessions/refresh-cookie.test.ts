import { Hono } from 'hono'
import { expect, it } from 'vitest'
import type { AppEnv } from '../../../../src/app-env.ts'
import type { Ctx } from '../../../../src/context.ts'
import {
  clearRefreshCookie,
  readRefreshCookie,
  setRefreshCookie,
} from '../../../../src/features/sessions/refresh-cookie.ts'

function appIn(isProduction: boolean): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.use(async (c, next) => {
    c.set('ctx', { config: { isProduction } } as Ctx)
    await next()
  })
  app.post('/api/auth/login', (c) => {
    setRefreshCookie(c, 'token', 60)
    return c.text('')
  })
  app.post('/auth/logout', (c) => {
    const token = readRefreshCookie(c)
    clearRefreshCookie(c)
    return c.text(token ?? '')
  })
  return app
}

it('has the prefix in production', async () => {
  const response = await appIn(true).request('/api/auth/login', { method: 'POST' })
  expect(response.headers.get('set-cookie')).toBe(
    '__Secure-refresh_token=token; Max-Age=60; Path=/api/auth; HttpOnly; Secure; SameSite=Lax',
  )
})

it('prefers the cookie that no other host can have set, and takes the plain name, too', async () => {
  const app = appIn(true)
  const both = { cookie: 'refresh_token=planted; __Secure-refresh_token=own' }
  const response = await app.request('/auth/logout', { method: 'POST', headers: both })
  expect(await response.text()).toBe('own')
  expect(response.headers.get('set-cookie')).toMatch(
    /^__Secure-refresh_token=; Max-Age=0; Path=\/auth;/,
  )
  const plain = await app.request('/auth/logout', {
    method: 'POST',
    headers: { cookie: 'refresh_token=own' },
  })
  expect(await plain.text()).toBe('own')
})
