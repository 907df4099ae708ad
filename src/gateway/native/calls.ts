import type { NativeCallName } from '../../config.ts'
import type { ForeseenCall } from '../../sharing/quota/index.ts'
import { countOf, isObject, type JsonObject } from '../dialects/fields.ts'
import type { TokenUsage } from '../dialects/token-usage.ts'
import { spokenTokens, tokensIn } from './token-counts.ts'

/** What a native request says that the gateway has to know. */
export interface NativeRequest {
  model: string
  stream: boolean
  /** Its JSON, or the texts of its form. */
  fields: JsonObject
  /** The body's length, of a form the file's. */
  bytes: number
  /** What a model reads of it. */
  texts: string[]
}

/** A call that a server answers itself, and how it is counted. What is counted stands in the books as what went in. */
export interface NativeCall {
  /** Of the call, ours and the server's. */
  path: string
  name: NativeCallName
  /** What the request can come to, in the call's own unit. */
  foresee(request: NativeRequest): ForeseenCall
  /** What an answer, or an event of one, has counted; null where it says nothing of it. */
  count(answer: JsonObject, request: NativeRequest): TokenUsage | null
  /** What is counted where the answer says nothing; null: it is estimated from the texts. */
  assume?(request: NativeRequest): TokenUsage
}

const only = (amount: number): ForeseenCall => ({
  promptTokens: amount,
  maxAnswerTokens: 0,
  answers: 1,
})
const used = (promptTokens: number): TokenUsage => ({ promptTokens, completionTokens: 0 })

function conversation(path: string, name: NativeCallName, limit: string): NativeCall {
  return {
    path,
    name,
    foresee: ({ fields, bytes }) => ({
      promptTokens: bytes,
      maxAnswerTokens: countOf(fields[limit]) ?? null,
      answers: 1,
    }),
    count: spokenTokens,
  }
}

/** Tokens go in, and nothing that is counted comes out. */
function reading(path: string, name: NativeCallName): NativeCall {
  return { path, name, foresee: ({ bytes }) => only(bytes), count: tokensIn }
}

/** By the picture. */
function drawing(path: string): NativeCall {
  const asked = ({ fields }: NativeRequest) => Math.max(1, countOf(fields.n) ?? 1)
  return {
    path,
    name: 'images',
    foresee: (request) => only(asked(request)),
    count: ({ data, type }) => {
      if (Array.isArray(data)) return used(data.length)
      return typeof type === 'string' && type.endsWith('.completed') ? used(1) : null
    },
    assume: (request) => used(asked(request)),
  }
}

/** By the second of what is heard; a second of speech has at least so many bytes. */
const LEAST_BYTES_PER_SECOND = 2_000
const USUAL_BYTES_PER_SECOND = 16_000

function listening(path: string): NativeCall {
  return {
    path,
    name: 'audio',
    foresee: ({ bytes }) => only(Math.ceil(bytes / LEAST_BYTES_PER_SECOND)),
    count: ({ duration, usage }) => {
      const seconds = Number(isObject(usage) ? (usage.seconds ?? duration) : duration)
      return seconds > 0 ? used(Math.ceil(seconds)) : null
    },
    assume: ({ bytes }) => used(Math.max(1, Math.ceil(bytes / USUAL_BYTES_PER_SECOND))),
  }
}

/** By the character of what is said. */
const speaking: NativeCall = {
  path: '/v1/audio/speech',
  name: 'audio',
  foresee: ({ texts }) => only(charactersOf(texts)),
  count: () => null,
  assume: ({ texts }) => used(charactersOf(texts)),
}

const charactersOf = (texts: readonly string[]) => Math.max(1, [...texts.join('')].length)

export const RESPONSES = conversation('/v1/responses', 'responses', 'max_output_tokens')
export const MESSAGES = conversation('/v1/messages', 'messages', 'max_tokens')

/** Those that are not translated where the server has none. https://platform.openai.com/docs/api-reference */
export const NATIVE_ONLY: readonly NativeCall[] = [
  reading('/v1/embeddings', 'embeddings'),
  reading('/v1/rerank', 'rerank'),
  drawing('/v1/images/generations'),
  drawing('/v1/images/edits'),
  drawing('/v1/images/variations'),
  speaking,
  listening('/v1/audio/transcriptions'),
  listening('/v1/audio/translations'),
]
