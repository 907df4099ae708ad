import Anthropic from '@anthropic-ai/sdk'
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { usageRows } from '../../support/chat.ts'
import { chunk, completion, ENDED, newUser, plainServer } from '../../support/plain-server.ts'
import { type ScriptedServer, startScriptedServer } from '../../support/scripted-server.ts'
import type { TestPerson } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'
import { CARELESS, type Place, SDKS } from './sdks.ts'

let server: ScriptedServer
let worker: OwnWorker
let person: TestPerson & { key: string }
let at: Place
beforeAll(async () => {
  server = await startScriptedServer()
  worker = await workerWith(plainServer(server.url, { STREAM_KEEPALIVE_SECONDS: '0.5' }))
  person = await newUser(worker.url)
  at = { url: worker.url, key: person.key }
})
afterAll(async () => {
  await worker?.close()
  await server?.close()
})

const CALLS = ['a', 'b'].map((where, index) => ({
  index,
  id: `call_${where}`,
  type: 'function',
  function: { name: 'look', arguments: JSON.stringify({ at: where }) },
}))
const TWO_CALLS = completion(
  { content: null, tool_calls: CALLS.map(({ index: _, ...call }) => call) },
  'tool_calls',
)
const STREAM = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'I ' }),
  chunk({ content: 'look.' }),
  chunk({ tool_calls: CALLS }),
  chunk({}, 'tool_calls'),
  ENDED,
]

/** What the server is asked for an object with. */
interface Asked {
  response_format?: { json_schema: { schema: object } }
  tools?: { function: { name: string; parameters: object } }[]
}

/** A prompt on which the server first calls two tools, and says at last what they gave. */
function loop(): string {
  return server.on((body) => ({
    pieces: [body.includes('"tool_call_id"') ? completion({ content: 'Both seen.' }) : TWO_CALLS],
  }))
}

describe.each(SDKS.map((sdk) => [sdk.name, sdk] as const))('%s', (_, sdk) => {
  it('answers whole', async () => {
    const prompt = server.on({ pieces: [completion({ content: 'Blue', reasoning_content: 'Hm' })] })
    expect(await sdk.ask(at, { prompt })).toEqual({ text: 'Blue', calls: [] })
  })

  it('streams, with two tools at once', async () => {
    const prompt = server.on({ pieces: STREAM })
    const calls = [{ at: 'a' }, { at: 'b' }]
    expect(await sdk.ask(at, { prompt, stream: true })).toEqual({ text: 'I look.', calls })
  })

  it('goes on with what the tools gave', async () => {
    const prompt = loop()
    expect(await sdk.work(at, prompt)).toBe('Both seen.')
    const [, second] = server.seen(prompt)
    const { messages } = JSON.parse(second?.body ?? '{}') as { messages: Record<string, unknown>[] }
    // Google's clients name calls by their functions, and leave ids to whoever needs them.
    const [assistant, ...results] = messages.slice(-3)
    const calls = assistant?.tool_calls as { id: string }[]
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
    expect(results).toMatchObject([
      { role: 'tool', tool_call_id: calls[0]?.id, content: 'seen a' },
      { role: 'tool', tool_call_id: calls[1]?.id, content: 'seen b' },
    ])
  })

  it('shows a picture', async () => {
    const prompt = server.on({ pieces: [completion({ content: 'A cat' })] })
    const picture = 'iVBORw0KGgo='
    expect((await sdk.ask(at, { prompt, picture })).text).toBe('A cat')
    expect(server.seen(prompt)[0]?.body).toContain(`"data:image/png;base64,${picture}"`)
  })

  it('gets an object by a schema', async () => {
    const json = '{"color":"blue"}'
    // Some ask for a call of a tool with that schema instead.
    const prompt = server.on((body) => {
      const { response_format, tools } = JSON.parse(body) as Asked
      if (response_format) return { pieces: [completion({ content: json })] }
      const call = {
        id: 'c',
        type: 'function',
        function: { name: tools?.[0]?.function.name, arguments: json },
      }
      return { pieces: [completion({ content: null, tool_calls: [call] }, 'tool_calls')] }
    })
    expect(await sdk.object(at, prompt)).toEqual({ color: 'blue' })
    const { response_format, tools } = JSON.parse(server.seen(prompt)[0]?.body ?? '{}') as Asked
    const schema = response_format?.json_schema.schema ?? tools?.[0]?.function.parameters
    expect(schema).toMatchObject({ properties: { color: { type: 'string' } } })
  })

  it('raises what is refused', async () => {
    await expect(sdk.ask({ ...at, key: 'sk-unknown' }, { prompt: 'x' })).rejects.toThrow()
    for (const status of [429, 500, 503]) {
      const prompt = refusing(status)
      await expect(sdk.ask(at, { prompt })).rejects.toThrow(/tired/)
      await expect(sdk.ask(at, { prompt, stream: true })).rejects.toThrow()
    }
  })
})

const refusing = (status: number) =>
  server.on({ status, pieces: [JSON.stringify({ error: { message: 'The model is tired.' } })] })

const careful = SDKS.filter(({ name }) => name !== CARELESS)

describe.each(careful.map((sdk) => [sdk.name, sdk] as const))(
  '%s, in the middle of a stream',
  (_, sdk) => {
    it('leaves when it is aborted', async () => {
      const { key, id } = await newUser(worker.url)
      const prompt = server.on({ pieces: [...STREAM.slice(0, 3), [20_000, '']] })
      const controller = new AbortController()
      const asking = sdk.ask({ ...at, key }, { prompt, stream: true, signal: controller.signal })
      await expect.poll(() => server.seen(prompt).length).toBe(1)
      setTimeout(() => controller.abort(), 200)
      await expect(asking).rejects.toThrow()
      expect(await usageRows(id, 1)).toMatchObject([{ status: 499, error_code: 'client_gone' }])
    })

    it('raises what breaks, and does not ask again', async () => {
      const prompt = server.on({ pieces: STREAM.slice(0, 3) })
      await expect(sdk.ask(at, { prompt, stream: true })).rejects.toThrow()
      expect(server.seen(prompt).length).toBe(1)
    })
  },
)

describe('the tool runners', () => {
  const look = {
    type: 'object' as const,
    properties: { at: { type: 'string' as const } },
    required: ['at'],
  }

  it("of Anthropic's SDK ends with the answer", async () => {
    const client = new Anthropic({ baseURL: worker.url, apiKey: person.key, maxRetries: 0 })
    const seen: unknown[] = []
    const message = await client.beta.messages.toolRunner({
      model: 'm',
      max_tokens: 99,
      messages: [{ role: 'user', content: loop() }],
      tools: [
        betaTool({
          name: 'look',
          description: 'Looks',
          inputSchema: look,
          run: (given) => {
            const { at: where } = given as { at: string }
            seen.push(where)
            return `seen ${where}`
          },
        }),
      ],
    })
    expect(message.content).toMatchObject([{ type: 'text', text: 'Both seen.' }])
    expect(seen).toEqual(['a', 'b'])
  })

  it("of OpenAI's SDK ends with the answer", async () => {
    const client = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: person.key, maxRetries: 0 })
    const runner = client.chat.completions.runTools({
      model: 'm',
      messages: [{ role: 'user', content: loop() }],
      tools: [
        {
          type: 'function',
          function: {
            name: 'look',
            description: 'Looks',
            parameters: look,
            parse: JSON.parse,
            function: ({ at: where }: { at: string }) => `seen ${where}`,
          },
        },
      ],
    })
    expect(await runner.finalContent()).toBe('Both seen.')
  })
})
