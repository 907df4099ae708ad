import { randomUUID } from 'node:crypto'
import { createNeon } from '../../src/db/neon.ts'

const DAYS = 35
const DAY_MS = 86_400_000
const MODELS = [
  { id: 'gemini-3-pro-high', part: 0.5, tokens: 2_600, firstByteMs: 900, unitsPerToken: 0.9 },
  { id: 'claude-sonnet-4-5', part: 0.3, tokens: 3_400, firstByteMs: 1_300, unitsPerToken: 1 },
  { id: 'gemini-3-flash', part: 0.2, tokens: 900, firstByteMs: 350, unitsPerToken: 0.2 },
] as const
const FAILURES = [
  { status: 429, code: 'insufficient_quota' },
  { status: 502, code: 'upstream_error' },
  { status: 499, code: null },
  { status: 504, code: 'upstream_timeout' },
] as const

interface HistoryInput {
  databaseUrl: string
  neonEndpoint: string | undefined
  userId: number
  apiKeyIds: readonly number[]
}

/**
 * Some weeks of calls as somebody makes them who works on weekdays: what a first look at the pages is
 * full of. The same at every first start. Only the calls are written: no balance knows of them.
 */
export async function writeHistory(input: HistoryInput): Promise<void> {
  const chance = seeded(20_261)
  const now = Date.now()
  const rows: Record<string, unknown>[] = []
  for (let daysAgo = DAYS; daysAgo >= 0; daysAgo--) {
    const midnight = Math.floor(now / DAY_MS) * DAY_MS - daysAgo * DAY_MS
    const isWeekend = [0, 6].includes(new Date(midnight).getUTCDay())
    const growth = 0.6 + 0.4 * (1 - daysAgo / DAYS)
    const calls = Math.round((isWeekend ? 6 : 24) * growth * (0.6 + 0.8 * chance()))
    for (let n = 0; n < calls; n++) {
      // Most of it between eight in the morning and ten at night.
      const at = midnight + (8 + 14 * ((chance() + chance()) / 2)) * 3_600_000
      if (at < now - 60_000) rows.push(callAt(at, input, chance))
    }
  }
  const sql = createNeon(input.databaseUrl, input.neonEndpoint)
  await sql`
    insert into usage_logs (id, request_id, user_id, api_key_id, endpoint, model, stream, status,
      error_code, prompt_tokens, completion_tokens, quota, time_to_first_byte_ms, duration_ms,
      created_at, written_at)
    select id, request_id, user_id, api_key_id, endpoint, model, stream, status, error_code,
      prompt_tokens, completion_tokens, quota, time_to_first_byte_ms, duration_ms, created_at,
      created_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
      id uuid, request_id text, user_id int, api_key_id int, endpoint text, model text,
      stream boolean, status int, error_code text, prompt_tokens int, completion_tokens int,
      quota int, time_to_first_byte_ms int, duration_ms int, created_at timestamptz)`
}

function callAt(at: number, { userId, apiKeyIds }: HistoryInput, chance: () => number) {
  const draw = chance()
  const model =
    draw < MODELS[0].part
      ? MODELS[0]
      : draw < MODELS[0].part + MODELS[1].part
        ? MODELS[1]
        : MODELS[2]
  const failure = chance() < 0.045 ? FAILURES[Math.floor(chance() * FAILURES.length)] : undefined
  // Few calls are long, and those are much longer.
  const size = 0.3 + 2.4 * chance() ** 3
  const prompt = Math.round(model.tokens * size * 0.75)
  const completion = failure ? 0 : Math.round(model.tokens * size * 0.25)
  const firstByteMs = Math.round(model.firstByteMs * (0.7 + 0.9 * chance() ** 2))
  return {
    id: randomUUID(),
    request_id: randomUUID(),
    user_id: userId,
    api_key_id: apiKeyIds[chance() < 0.72 ? 0 : apiKeyIds.length - 1] ?? null,
    endpoint: '/v1/chat/completions',
    model: model.id,
    stream: chance() < 0.85,
    status: failure?.status ?? 200,
    error_code: failure?.code ?? null,
    prompt_tokens: failure && failure.status !== 499 ? null : prompt,
    completion_tokens: failure && failure.status !== 499 ? null : completion,
    quota: failure ? 0 : Math.round((prompt + completion) * model.unitsPerToken * 0.01),
    time_to_first_byte_ms: failure && failure.status !== 499 ? null : firstByteMs,
    duration_ms: firstByteMs + completion * 9,
    created_at: new Date(at).toISOString(),
  }
}

/** Numbers between 0 and 1 that look random and are the same every time (Park and Miller's generator). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 16_807) % 2_147_483_647
    return state / 2_147_483_647
  }
}
