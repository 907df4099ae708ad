import { expect, it } from 'vitest'
import { chat, usageRows } from '../../support/chat.ts'
import { holdingDatabase } from '../../support/holding-database.ts'
import { checkBooks, grant, newLender } from '../../support/quota.ts'
import { call } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

const DEADLOCK = '40P01'
const SERIALIZATION = '40001'

it('what ran into another transaction is asked for again, and is a 503 where it always does', async () => {
  await using database = await holdingDatabase()
  await using worker = await workerWith({ NEON_FETCH_ENDPOINT: database.url })
  const person = await newLender()
  const ask = () => call('/api/quotas', { token: person.token, baseUrl: worker.url })
  for (const code of [DEADLOCK, SERIALIZATION]) {
    database.refuse(/quota_holders/, code, 2)
    expect((await ask()).status).toBe(200)
    database.refuse(/quota_holders/, code, 100)
    const refused = await ask()
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).not.toBeNull()
    database.refuse(/quota_holders/, code, 0)
  }
})

it('a settlement that was a deadlock is in the books once', async () => {
  await using database = await holdingDatabase()
  await using worker = await workerWith({ NEON_FETCH_ENDPOINT: database.url })
  const person = await newLender()
  await grant(person, 1)
  database.refuse(/usage_logs/, DEADLOCK, 1)
  expect((await chat({ key: person.key, baseUrl: worker.url })).status).toBe(200)
  expect(await usageRows(person.id, 1)).toHaveLength(1)
  await checkBooks(person)
})
