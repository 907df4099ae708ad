import { describe, expect, it } from 'vitest'
import { toOAuthError, toOpenAIError, toProblem } from '../../src/error-forms.ts'
import { AppError, ERROR_KINDS, type ErrorCode } from '../../src/errors.ts'

describe('the three encoders', () => {
  const error = new AppError('validation_failed', 'Some fields are not valid.', {
    errors: [{ path: 'name', message: 'Too short.' }],
  })

  it('speaks RFC 9457 on the JSON API', () => {
    expect(toProblem(error, 'r-1')).toEqual({
      type: 'about:blank',
      title: 'Some fields are not valid',
      status: 422,
      detail: 'Some fields are not valid.',
      code: 'validation_failed',
      request_id: 'r-1',
      errors: [{ path: 'name', message: 'Too short.' }],
    })
  })

  it("speaks OpenAI's shape on /v1", () => {
    expect(toOpenAIError(error)).toEqual({
      error: {
        message: 'Some fields are not valid.',
        type: 'invalid_request_error',
        param: 'name',
        code: null,
      },
    })
    expect(toOpenAIError(new AppError('insufficient_quota')).error).toMatchObject({
      type: 'insufficient_quota',
      code: 'insufficient_quota',
    })
  })

  it('speaks RFC 6749 on /oauth', () => {
    expect(toOAuthError(new AppError('service_unavailable', 'Later.'))).toEqual({
      error: 'temporarily_unavailable',
      error_description: 'Later.',
    })
  })

  it('never tells a cause', () => {
    const hidden = new AppError('internal_error', undefined, {
      cause: new Error('password=hunter2'),
    })
    for (const encoded of [toProblem(hidden, 'r'), toOpenAIError(hidden), toOAuthError(hidden)]) {
      expect(JSON.stringify(encoded)).not.toContain('hunter2')
    }
  })

  it.each(Object.keys(ERROR_KINDS) as ErrorCode[])(
    '%s has a status of an error and a sentence',
    (code) => {
      const { status, message } = new AppError(code)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(message).toMatch(/^[A-Z].+\.$/)
    },
  )

  it('asks to come back after whole seconds', () => {
    expect(new AppError('rate_limited', 'x', { retryAfterSeconds: 1.2 }).headers).toEqual({
      'retry-after': '2',
    })
    expect(new AppError('rate_limited', 'x', { retryAfterSeconds: 0 }).headers).toEqual({
      'retry-after': '1',
    })
  })
})
