import { beforeAll, describe, expect, it } from 'vitest'
import {
  ADMIN_KEY,
  chunks,
  events,
  start,
  streamed,
  type TestPlugin,
  type TestUser,
} from './support.ts'

const TEXT = 'Hello! You said: grüße 你好 🙂 all'

let plugin: TestPlugin
let user: TestUser
beforeAll(async () => {
  plugin = await start()
  await plugin.control('/config', { consumption: 0 })
  user = await plugin.newUser()
  await plugin.addAccount(user)
})

/** What a request saw: the pieces as they came, and how it ended. */
interface Seen {
  status: number
  pieces: { at: number; bytes: Uint8Array }[]
  text: string
  end: 'normal' | 'broken' | 'silent'
  /** When the headers came, like the pieces since the request was sent. */
  headAt: number
}

/** Arms a failure, sends a chat request, and reads until it ends or nothing comes for a while. */
async function watch(
  failure: string,
  options: { stream: boolean; patienceMs?: number } & Record<string, unknown>,
): Promise<Seen> {
  const { stream, patienceMs = 2_000, ...more } = options
  await plugin.arm(failure, more)
  const giveUp = new AbortController()
  const began = performance.now()
  const seen: Seen = { status: 0, pieces: [], text: '', end: 'normal', headAt: 0 }
  let timer = setTimeout(() => giveUp.abort(), patienceMs)
  try {
    const response = await plugin.fetch('/v1/chat/completions', {
      method: 'POST',
      signal: giveUp.signal,
      headers: { Authorization: `Bearer ${user.api_key}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({
        model: 'gemini-2.5-flash',
        stream,
        messages: [{ role: 'user', content: 'grüße 你好 🙂 all' }],
      }),
    })
    seen.status = response.status
    seen.headAt = performance.now() - began
    for await (const bytes of response.body ?? []) {
      seen.pieces.push({ at: performance.now() - began, bytes })
      clearTimeout(timer)
      timer = setTimeout(() => giveUp.abort(), patienceMs)
    }
  } catch {
    seen.end = giveUp.signal.aborted ? 'silent' : 'broken'
  } finally {
    clearTimeout(timer)
  }
  seen.text = Buffer.concat(seen.pieces.map((piece) => piece.bytes)).toString()
  return seen
}

function content(seen: Seen): string {
  return JSON.parse(seen.text).choices[0].message.content
}

describe('no answer at all', () => {
  it.each([true, false])('refuse breaks the connection (stream: %s)', async (stream) => {
    const seen = await watch('refuse', { stream })
    expect([seen.end, seen.status]).toEqual(['broken', 0])
  })

  it.each([true, false])('hang never answers (stream: %s)', async (stream) => {
    const seen = await watch('hang', { stream, patienceMs: 150 })
    expect([seen.end, seen.status]).toEqual(['silent', 0])
    const { requests } = (await plugin.control('/requests')).body
    await expect
      .poll(async () => ((await plugin.control('/requests')).body.requests as object[]).at(-1))
      .toMatchObject({ failure: 'hang', aborted: true, finished: true, status: null })
    expect(Array.isArray(requests)).toBe(true)
  })
})

describe('an answer that does not end well', () => {
  it('hang_midway falls silent', async () => {
    const stream = await watch('hang_midway', { stream: true, afterEvents: 3, patienceMs: 150 })
    expect([stream.end, chunks(stream.text).length]).toEqual(['silent', 3])
    const whole = await watch('hang_midway', { stream: false, patienceMs: 150 })
    expect([whole.end, whole.status]).toEqual(['silent', 200])
    expect(whole.text.length).toBeGreaterThan(0)
  })

  it('reset_midway breaks the connection', async () => {
    const stream = await watch('reset_midway', { stream: true, afterEvents: 4 })
    expect([stream.end, chunks(stream.text).length]).toEqual(['broken', 4])
    const whole = await watch('reset_midway', { stream: false })
    expect([whole.end, whole.status]).toEqual(['broken', 200])
  })

  it('clean_early_end ends without a finish', async () => {
    const stream = await watch('clean_early_end', { stream: true, afterEvents: 4 })
    expect([stream.end, events(stream.text).length]).toEqual(['normal', 4])
    expect(stream.text).not.toContain('[DONE]')
    expect(stream.text).not.toContain('"stop"')
    const whole = await watch('clean_early_end', { stream: false })
    expect(whole.end).toBe('normal')
    expect(() => JSON.parse(whole.text)).toThrow()
  })

  it('comes before the finish at the latest', async () => {
    const seen = await watch('clean_early_end', { stream: true, afterEvents: 100 })
    expect(streamed(seen.text)).toBe(TEXT)
    expect(seen.text).not.toContain('"stop"')
  })

  it('no_done leaves out the end mark only', async () => {
    const stream = await watch('no_done', { stream: true })
    expect(stream.end).toBe('normal')
    expect(chunks(stream.text).at(-1)?.usage).toBeDefined()
    expect(stream.text).not.toContain('[DONE]')
    expect(content(await watch('no_done', { stream: false }))).toBe(TEXT)
  })
})

describe('an answer that comes slowly', () => {
  it('slow waits before the first byte and between events', async () => {
    const stream = await watch('slow', { stream: true, delayMs: 40 })
    expect(stream.headAt).toBeGreaterThan(38)
    expect((stream.pieces.at(-1)?.at ?? 0) - stream.headAt).toBeGreaterThan(38 * 6)
    expect(streamed(stream.text)).toBe(TEXT)
    const whole = await watch('slow', { stream: false, delayMs: 100 })
    expect(whole.headAt).toBeGreaterThan(98)
  })

  it('silence_first waits after the headers', async () => {
    for (const stream of [true, false]) {
      const seen = await watch('silence_first', { stream, delayMs: 400 })
      expect(seen.headAt).toBeLessThan(300)
      expect(seen.pieces[0]?.at).toBeGreaterThan(398)
      expect(seen.end).toBe('normal')
    }
  })

  it('late_finish waits before the finish chunk', async () => {
    const stream = await watch('late_finish', { stream: true, delayMs: 200 })
    const finish = stream.pieces.find((piece) => Buffer.from(piece.bytes).includes('"stop"'))
    const last = stream.pieces.findLast((piece) => Buffer.from(piece.bytes).includes('"content"'))
    expect((finish?.at ?? 0) - (last?.at ?? 0)).toBeGreaterThan(190)
    const whole = await watch('late_finish', { stream: false, delayMs: 150 })
    expect(whole.headAt).toBeGreaterThan(148)
  })
})

describe('an answer in an odd form', () => {
  it('garbage is no JSON', async () => {
    const stream = await watch('garbage', { stream: true, afterEvents: 1 })
    const data = events(stream.text)
    expect(() => JSON.parse(data[1] ?? '')).toThrow()
    expect(data[2]).toBe('this is not JSON')
    expect(data.at(-1)).toBe('[DONE]')
    const own = await watch('garbage', { stream: true, text: '<html>', afterEvents: 50 })
    expect(events(own.text)).toContain('<html>')
    const whole = await watch('garbage', { stream: false })
    expect([whole.status, whole.end]).toEqual([200, 'normal'])
    expect(() => JSON.parse(whole.text)).toThrow()
  })

  it('huge is as large as asked', async () => {
    const stream = await watch('huge', { stream: true, sizeBytes: 300_000 })
    expect(chunks(stream.text)[0]?.choices[0]?.delta.content).toHaveLength(300_000)
    expect(content(await watch('huge', { stream: false, sizeBytes: 300_000 }))).toHaveLength(
      300_000,
    )
    const usual = await watch('huge', { stream: false })
    expect(usual.text.length).toBeGreaterThan(8 * 1024 * 1024)
  })

  it('split_bytes cuts events and characters, and loses nothing', async () => {
    const stream = await watch('split_bytes', { stream: true })
    expect(streamed(stream.text)).toBe(TEXT)
    expect(stream.pieces.length).toBeGreaterThan(50)
    const starts = stream.pieces.map((piece) => piece.bytes[0] ?? 0)
    // A piece that begins with a continuation byte begins inside a character.
    expect(starts.some((byte) => byte >= 0x80 && byte < 0xc0)).toBe(true)
    const whole = await watch('split_bytes', { stream: false })
    expect(content(whole)).toBe(TEXT)
    expect(whole.pieces.length).toBeGreaterThan(20)
  })

  it('crlf ends lines with CR LF', async () => {
    const stream = await watch('crlf', { stream: true })
    expect(stream.text.split('\r\n\r\n')).toHaveLength(10)
    expect(stream.text.replaceAll('\r\n', '')).not.toContain('\n')
    expect(streamed(stream.text.replaceAll('\r\n', '\n'))).toBe(TEXT)
    expect(content(await watch('crlf', { stream: false }))).toBe(TEXT)
  })

  it('many_events sends so many, at the given pace', async () => {
    const stream = await watch('many_events', { stream: true, events: 3_000 })
    expect(chunks(stream.text)).toHaveLength(3_001)
    const paced = await watch('many_events', { stream: true, events: 10, delayMs: 20 })
    expect(paced.pieces.at(-1)?.at).toBeGreaterThan(175)
    const whole = await watch('many_events', { stream: false, events: 30 })
    expect(content(whole).split(' ')).toHaveLength(30)
  })

  it('answers the given text', async () => {
    const stream = await watch('crlf', { stream: true, text: 'something else' })
    expect(streamed(stream.text.replaceAll('\r\n', '\n'))).toBe('something else')
  })
})

describe('drop_answer', () => {
  it('creates the user and loses the answer', async () => {
    await plugin.arm('drop_answer')
    const name = 'lost and found'
    await expect(plugin.newUser(name)).rejects.toThrow()
    const list = await plugin.call('GET', '/api/users', ADMIN_KEY)
    expect(list.body.data[0]?.name).toBe(name)
    await plugin.newUser()
  })

  it('works for other endpoints too', async () => {
    await plugin.arm('drop_answer', { path: '/api/oauth/authorize' })
    await expect(plugin.call('POST', '/api/oauth/authorize', user.api_key, {})).rejects.toThrow()
    const seen = await watch('drop_answer', {
      stream: true,
      path: '/v1/chat/completions',
      method: 'POST',
    })
    expect(seen.end).toBe('broken')
    expect(seen.text).not.toContain('"stop"')
  })
})

describe('transport faults elsewhere', () => {
  it('spoils answers that are no chat', async () => {
    const path = '/api/accounts'
    const get = () => plugin.call('GET', path, user.api_key)
    await plugin.arm('garbage', { path })
    expect(typeof (await get()).body).toBe('string')
    await plugin.arm('reset_midway', { path })
    await expect(get()).rejects.toThrow()
    await plugin.arm('refuse', { path })
    await expect(get()).rejects.toThrow()
    expect((await get()).status).toBe(200)
  })
})
