import { ERROR_KINDS } from '../../errors.ts'

/** The form that an error has in each face, as OpenAPI describes it. */

export const problemSchema = {
  type: 'object',
  description: 'RFC 9457 problem details.',
  required: ['type', 'title', 'status', 'detail', 'code', 'request_id'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What a person reads.' },
    code: {
      type: 'string',
      enum: Object.keys(ERROR_KINDS),
      description: 'What a program reads; never changes.',
    },
    request_id: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
}

export const googleErrorSchema = {
  type: 'object',
  description: "Google's error object.",
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'status'],
      properties: {
        code: { type: 'integer', description: 'The HTTP status.' },
        message: { type: 'string' },
        status: { type: 'string' },
      },
    },
  },
}

export const anthropicErrorSchema = {
  type: 'object',
  description: "Anthropic's error object.",
  required: ['type', 'error', 'request_id'],
  properties: {
    type: { const: 'error' },
    error: {
      type: 'object',
      required: ['type', 'message'],
      properties: { type: { type: 'string' }, message: { type: 'string' } },
    },
    request_id: { type: 'string' },
  },
}

export const oauthErrorSchema = {
  type: 'object',
  description: 'RFC 6749 §5.2.',
  required: ['error'],
  properties: {
    error: { type: 'string', description: 'What a program reads.' },
    error_description: { type: 'string' },
  },
}

export const openAIErrorSchema = {
  type: 'object',
  description: "OpenAI's error object.",
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['message', 'type', 'param', 'code'],
      properties: {
        message: { type: 'string' },
        type: { type: 'string' },
        param: { type: ['string', 'null'] },
        code: { type: ['string', 'null'] },
      },
    },
  },
}
