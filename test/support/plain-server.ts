import { newKey, newPerson, type TestPerson } from './stack.ts'

/** Settings of a Worker in front of a plain server. */
export function plainServer(url: string, more: Record<string, string> = {}) {
  return {
    PLUGIN_API_DIALECT: 'openai',
    PLUGIN_API_BASE_URL: url,
    PLUGIN_API_ADMIN_KEY: '',
    UPSTREAM_API_KEY: 'sk-of-the-operator',
    // Nothing is looked for unless a test does.
    UPSTREAM_SERVES: 'none',
    ...more,
  }
}

/** Somebody with a key; in front of a plain server that is all that it takes. */
export async function newUser(baseUrl: string): Promise<TestPerson & { key: string }> {
  const person = await newPerson(baseUrl)
  return { ...person, key: await newKey(person, baseUrl) }
}

/** One event of a streamed chat. */
export const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

export const COUNTED = {
  prompt_tokens: 9,
  completion_tokens: 5,
  total_tokens: 14,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
}

/** What ends a streamed chat well. */
export const ENDED = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: COUNTED })}\n\ndata: [DONE]\n\n`

/** A whole chat. */
export const completion = (message: object, finish = 'stop') =>
  JSON.stringify({
    id: 'c',
    object: 'chat.completion',
    created: 1_763_600_000,
    model: 'm',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', refusal: null, ...message },
        logprobs: null,
        finish_reason: finish,
      },
    ],
    usage: COUNTED,
  })
