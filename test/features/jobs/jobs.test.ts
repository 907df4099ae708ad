import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { JOBS } from '../../../src/operations/jobs/registry.ts'
import { chaosProxy } from '../../support/chaos.ts'
import { type OwnStack, ownStack } from '../../support/own-stack.ts'
import { makeDue, redisOf } from '../../support/redis.ts'
import { call, fireCron, newPerson, type TestPerson, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

interface JobBody {
  name: string
  cron: string
  next_run_at: string
  last_started_at: string | null
  last_ended_at: string | null
  last_duration_ms: number | null
  last_changed: number | null
  last_error: string | null
  last_trigger: 'cron' | 'hand' | null
}

/** Reports are everybody's: these tests have a Redis of their own. */
let own: OwnStack
let admin: TestPerson
let redis: ReturnType<typeof redisOf>

beforeAll(async () => {
  own = await ownStack()
  redis = redisOf(own.stack.bindings)
  admin = await newPerson(own.baseUrl)
  await own.sql`update users set role = 'admin' where id = ${admin.id}`
})
afterAll(() => own[Symbol.asyncDispose]())
beforeEach(() => redis('DEL', 'jobs:reports'))

async function jobs(): Promise<Record<string, JobBody>> {
  const { status, body } = await call<JobBody[]>('/api/admin/jobs', {
    token: admin.token,
    baseUrl: own.baseUrl,
  })
  expect(status).toBe(200)
  return Object.fromEntries(body.map((job) => [job.name, job]))
}

const run = <Body = Record<string, unknown>>(name: string, baseUrl = own.baseUrl) =>
  call<Body>(`/api/admin/jobs/${name}/run`, { method: 'POST', token: admin.token, baseUrl })

/** A ban that has ended: something for a job to do. */
async function endBanOf(person: TestPerson) {
  await own.sql`update users set is_active = false, banned_at = now() - interval '2 hours',
    banned_until = now() - interval '1 hour' where id = ${person.id}`
  await makeDue('ended-bans', redis)
}

describe('the jobs', () => {
  it('are all listed, with when they run next, before any has run', async () => {
    const listed = await jobs()
    expect(Object.keys(listed)).toEqual(JOBS.map(({ name }) => name))
    for (const { next_run_at, ...job } of Object.values(listed)) {
      expect(Date.parse(next_run_at)).toBeGreaterThan(Date.now() - 60_000)
      expect(job).toMatchObject({ last_started_at: null, last_ended_at: null, last_error: null })
    }
  })

  it('say what they did when cron ran them', async () => {
    await endBanOf(await newPerson(own.baseUrl))
    await fireCron('*/5 * * * *', own.baseUrl)
    const { 'ended-bans': bans, mail, 'signing-keys': keys } = await jobs()
    expect(bans).toMatchObject({ last_changed: 1, last_error: null, last_trigger: 'cron' })
    expect(mail).toMatchObject({ last_changed: 0, last_trigger: 'cron' })
    expect(Date.parse(bans?.last_ended_at ?? '')).toBeGreaterThan(Date.now() - 60_000)
    expect(bans?.last_duration_ms).toBeGreaterThanOrEqual(0)
    expect(keys).toMatchObject({ last_started_at: null })
    expect(await redis('TTL', 'jobs:reports')).toBeGreaterThan(0)
  })

  it('run by hand, say what they did and who asked for it', async () => {
    await endBanOf(await newPerson(own.baseUrl))
    const { status, body } = await run('ended-bans')
    expect(status).toBe(200)
    expect(body).toMatchObject({ name: 'ended-bans', changed: 1, error: null })
    expect((await jobs())['ended-bans']).toMatchObject({ last_changed: 1, last_trigger: 'hand' })
    const audit = await call<{ items: object[] }>('/api/admin/audit?event=job.run', {
      token: admin.token,
      baseUrl: own.baseUrl,
    })
    expect(audit.body.items[0]).toMatchObject({
      actor_user_id: admin.id,
      details: { job: 'ended-bans' },
    })
  })

  it('can all be run by hand', async () => {
    for (const { name } of JOBS)
      expect(await run(name), name).toMatchObject({ status: 200, body: { error: null } })
  })

  it('that nobody knows are not run', async () => {
    expect((await run('format-disk')).status).toBe(404)
    expect((await run('constructor')).status).toBe(404)
  })

  it('are not run twice at once where that is of no use', async () => {
    await redis('SET', 'lock:job:usage-roll-up', 'somebody else', 'EX', '60')
    expect(await run('usage-roll-up')).toMatchObject({ status: 409, body: { code: 'conflict' } })
    await fireCron('17 3 * * *', own.baseUrl)
    const listed = await jobs()
    expect(listed['usage-roll-up']?.last_ended_at).toBeNull()
    expect(listed['signing-keys']?.last_ended_at).not.toBeNull()
    // The lock is the other one's, and stays.
    expect(await redis('GET', 'lock:job:usage-roll-up')).toBe('somebody else')
    await redis('DEL', 'lock:job:usage-roll-up')
    expect((await run('usage-roll-up')).status).toBe(200)
    expect(await redis('EXISTS', 'lock:job:usage-roll-up')).toBe(0)
  })
})

describe('a job that fails', () => {
  it('keeps no other from running, and says so without a word too many', async () => {
    const banned = await newPerson(own.baseUrl)
    await endBanOf(banned)
    await using proxy = await chaosProxy(own.stack.bindings.NEON_FETCH_ENDPOINT ?? '')
    proxy.fault = 'dropped'
    proxy.match = (body) => body.includes('mail_outbox')
    await using worker = await workerWith({ NEON_FETCH_ENDPOINT: proxy.url }, own.stack.bindings)
    await makeDue('mail', redis)
    await fireCron('*/5 * * * *', worker.url)
    const { mail, 'ended-bans': bans } = await jobs()
    expect(mail).toMatchObject({ last_changed: null, last_trigger: 'cron' })
    expect(mail?.last_error).toMatch(/^\w+$/)
    const logged = () => worker.logs.find((line) => line.includes('job_failed'))
    await waitFor(async () => logged() !== undefined)
    expect(JSON.parse(logged() ?? '{}')).toMatchObject({
      job: 'mail',
      store: 'PostgreSQL',
      reason: 'unreachable',
    })
    expect(bans).toMatchObject({ last_changed: 1, last_error: null })

    await makeDue('mail', redis)
    const { status, body } = await run('mail', worker.url)
    expect(status).toBe(200)
    expect(body).toMatchObject({ changed: null, error: mail?.last_error })
    expect(worker.logs.some((line) => line.includes('job_failed'))).toBe(true)
  })
})

describe('without Redis', () => {
  it('jobs run all the same, but for those that need it', async () => {
    const banned = await newPerson(own.baseUrl)
    await endBanOf(banned)
    await using worker = await workerWith(
      { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:9', LOG_LEVEL: 'info' },
      own.stack.bindings,
    )
    await fireCron('17 3 * * *', worker.url)
    const failed = worker.logs.filter((line) => line.includes('"job_failed"'))
    expect(failed.map((line) => JSON.parse(line).job)).toEqual(['usage-roll-up'])
    expect(worker.logs.filter((line) => line.includes('"event":"job"')).length).toBeGreaterThan(3)
  })
})
