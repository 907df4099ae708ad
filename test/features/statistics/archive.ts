import { expect } from 'vitest'
import { type OwnStack, ownStack } from '../../support/own-stack.ts'
import { call, newPerson, type TestPerson } from '../../support/stack.ts'
import { type Call, daysAgo, type StatsBody, today } from './support.ts'

/** A moment of a day. */
export const at = (day: string, time = '12:00:00.000') => `${day}T${time}Z`

/** A stack of its own, since what is rolled up concerns everybody in a database, with two people in it. */
export class Archive implements AsyncDisposable {
  readonly own: OwnStack
  readonly people: readonly TestPerson[]
  readonly #admin: TestPerson

  private constructor(own: OwnStack, people: readonly TestPerson[], admin: TestPerson) {
    this.own = own
    this.people = people
    this.#admin = admin
  }

  static async start(): Promise<Archive> {
    const own = await ownStack()
    const people = await Promise.all([newPerson(own.baseUrl), newPerson(own.baseUrl)])
    const admin = await newPerson(own.baseUrl)
    await own.sql`update users set role = 'admin' where id = ${admin.id}`
    return new Archive(own, people, admin)
  }

  /** Forgets all calls and their roll-ups. */
  async empty(): Promise<void> {
    const { sql } = this.own
    await sql`delete from usage_logs`
    await sql`delete from usage_daily`
    await sql`delete from usage_daily_keys`
    await sql`delete from usage_daily_people`
    await sql`delete from usage_daily_models`
    await sql`delete from usage_days`
  }

  /** Calls over some days, in number and kind as they come. */
  someCalls(days: readonly string[], each = 20): Call[] {
    return days.flatMap((day, index) =>
      Array.from({ length: each }, (_, n): Call => {
        const second = String((n * 7 + index) % 60).padStart(2, '0')
        return {
          userId: this.people[n % 2]?.id ?? null,
          model: ['model-a', 'model-b', null][n % 3] ?? null,
          status: n % 5 === 0 ? 502 : 200,
          promptTokens: n,
          completionTokens: n % 4 === 0 ? null : 10 * n,
          quota: n % 3 === 0 ? null : n * 11,
          durationMs: 2 ** (n % 15),
          timeToFirstByteMs: n % 7 === 0 ? null : 2 ** (n % 10),
          createdAt: at(day, `${String(n % 24).padStart(2, '0')}:00:${second}.000`),
        }
      }),
    )
  }

  async statsOf(groupBy: string, userId?: number, from = daysAgo(20)): Promise<StatsBody> {
    const who = userId === undefined ? '' : `&user_id=${userId}`
    const { status, body } = await call<StatsBody>(
      `/api/admin/usage/stats?from=${from}&to=${today()}&group_by=${groupBy}${who}`,
      { token: this.#admin.token, baseUrl: this.own.baseUrl },
    )
    expect(status).toBe(200)
    return body
  }

  /** The figures in every way in which they are stored. */
  everything(): Promise<StatsBody[]> {
    return Promise.all([
      ...['day', 'model', 'key', 'user'].map((groupBy) => this.statsOf(groupBy)),
      ...['day', 'model'].map((groupBy) => this.statsOf(groupBy, this.people[0]?.id)),
    ])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.own[Symbol.asyncDispose]()
  }
}

const sum = (calls: readonly Call[], field: 'promptTokens' | 'completionTokens' | 'quota') =>
  calls.reduce((total, one) => total + (one[field] ?? 0), 0)

/** Holds figures against what the calls themselves say. */
export function expectTotals(stats: StatsBody, calls: readonly Call[]): void {
  expect(stats.totals).toMatchObject({
    requests: calls.length,
    errors: calls.filter(({ status = 200 }) => status >= 400).length,
    prompt_tokens: sum(calls, 'promptTokens'),
    completion_tokens: sum(calls, 'completionTokens'),
    quota: sum(calls, 'quota') / 10_000,
  })
}
