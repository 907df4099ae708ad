import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RunningWorker } from '../../../dev/worker/server.ts'
import { newAdmin } from '../../support/admin.ts'
import { call, newKey, newPerson } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

let worker: RunningWorker
beforeAll(async () => {
  worker = await workerWith({ PRINCIPAL_CACHE_SECONDS: '60' })
})
afterAll(() => worker?.close())

it('a key of somebody banned is refused at once where another isolate knows it', async () => {
  const person = await newPerson()
  const key = await newKey(person)
  const ask = () => call('/api/usage/stats', { token: key, baseUrl: worker.url })
  expect((await ask()).status).toBe(200)
  const admin = await newAdmin()
  const banned = await call(`/api/admin/users/${person.id}/ban`, { token: admin.token, json: {} })
  expect(banned.status).toBe(200)
  expect((await ask()).status).toBe(403)
})
