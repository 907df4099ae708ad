import type { Ctx } from '../context.ts'
import { AppError } from '../errors.ts'
import { readLimited } from '../platform/http/read-limited.ts'
import { dialectOf } from './dialects/index.ts'

/** Generated images arrive inside the answer as base64. */
const MAX_ANSWER_BYTES = 48 * 1024 * 1024
const MAX_REFUSAL_BYTES = 256 * 1024

export interface UpstreamRequest {
  method: 'GET' | 'POST'
  path: string
  accept: string
  body?: Uint8Array<ArrayBuffer>
  /** JSON where it is not said. */
  contentType?: string
  /** Further ones, of the protocol. */
  headers?: Record<string, string>
  /** Ends the exchange; its reason is the `AppError` that then is thrown. */
  signal: AbortSignal
}

/**
 * Calls the server behind us. Only the headers named here cross to it, whatever the client sent.
 *
 * @returns the answer as soon as its headers are there
 * @throws {AppError} `upstream_error` when it cannot be reached, or the signal's reason
 */
export async function callUpstream(ctx: Ctx, request: UpstreamRequest): Promise<Response> {
  const { url, headers } = await dialectOf(ctx).target(ctx)
  try {
    return await fetch(url(request.path), {
      method: request.method,
      redirect: 'manual',
      headers: {
        ...request.headers,
        ...headers,
        accept: request.accept,
        ...(request.body && { 'content-type': request.contentType ?? 'application/json' }),
      },
      ...(request.body && { body: request.body }),
      signal: request.signal,
    })
  } catch (cause) {
    throw (
      abortReason(request.signal) ??
      new AppError(
        'upstream_error',
        'The AI service could not be reached. Try again in a moment.',
        {
          cause,
        },
      )
    )
  }
}

/** The whole text of an answer, whatever its status. @throws {AppError} `upstream_error`, or the signal's reason */
export async function readText(upstream: Response, signal: AbortSignal): Promise<string> {
  try {
    return await readLimited(upstream, upstream.ok ? MAX_ANSWER_BYTES : MAX_REFUSAL_BYTES)
  } catch (cause) {
    throw (
      abortReason(signal) ??
      new AppError('upstream_error', 'The AI service broke its answer off.', { cause })
    )
  }
}

/** Why an exchange was ended from our side, if it was. */
export function abortReason(signal: AbortSignal): AppError | undefined {
  return signal.reason instanceof AppError ? signal.reason : undefined
}

/** What is thrown when the AI service keeps silent. */
export function silent(): AppError {
  return new AppError('upstream_timeout', 'The AI service did not answer in time.')
}

/** The client has gone away: 499 in the books, and nobody left to tell. */
export class ClientGone extends AppError {
  constructor() {
    super('upstream_error', 'The client has closed the connection.')
  }
}

/** Whether the answer is of a media type; parameters do not matter. */
export function isOfType(upstream: Response, type: string): boolean {
  return (upstream.headers.get('content-type') ?? '').toLowerCase().startsWith(type)
}
