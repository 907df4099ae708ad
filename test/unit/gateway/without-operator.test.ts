import { describe, expect, it } from 'vitest'
import type { Ctx } from '../../../src/context.ts'
import { AppError } from '../../../src/errors.ts'
import { withoutOperator } from '../../../src/gateway/dialects/without-operator.ts'

function said(message: string, baseUrl: string, dialect = 'openai'): string {
  const config = {
    PLUGIN_API_DIALECT: dialect,
    PLUGIN_API_BASE_URL: baseUrl,
    UPSTREAM_API_KEY: 'sk-of-the-operator',
  }
  return withoutOperator({ config } as unknown as Ctx, new AppError('upstream_error', message))
    .message
}

const AZURE = 'https://acme.openai.azure.com/openai/deployments/hush?api-version=1'

describe('what a server says of a failure', () => {
  it.each([
    ['Bad key sk-of-the-operator.', AZURE, 'Bad key [hidden].'],
    ['No route https://ACME.openai.azure.com/openai/x, sorry', AZURE, 'No route [hidden] sorry'],
    ['cannot reach acme.openai.azure.com:443', AZURE, 'cannot reach [hidden]'],
    ['POST /openai/deployments/hush/chat/completions', AZURE, 'POST [hidden]'],
    ['dial tcp vllm:8000: refused', 'http://vllm:8000/v1', 'dial tcp [hidden]: refused'],
    ['http://vllm/v1/chat is down', 'http://vllm/v1', '[hidden] is down'],
  ])('does not tell %s', (message, baseUrl, expected) => {
    expect(said(message, baseUrl)).toBe(expected)
  })

  it.each([
    ['this vllm has no such model, see https://docs.vllm.ai', 'http://vllm/v1'],
    ['POST /v1/chat/completions: "n" is too large', 'https://models.example/v1'],
  ])('is otherwise as it is: %s', (message, baseUrl) => {
    expect(said(message, baseUrl)).toBe(message)
  })

  it('keeps our own paths where the plug-in has the same', () => {
    const message = 'Add one with POST /api/plugin-api/oauth/authorize.'
    expect(said(message, 'http://plug-in/api', 'antigravity')).toBe(message)
  })
})
