import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { readLimited } from '../../platform/http/read-limited.ts'
import { parseJson } from '../../platform/json.ts'
import { errorName } from '../../platform/logger.ts'

const MAX_ANSWER_BYTES = 1024 * 1024

export type ProviderStep =
  | 'discovery'
  | 'jwks'
  | 'token'
  | 'id_token'
  | 'user_info'
  | 'emails'
  | 'token_check'
  | 'revocation'

export interface ProviderAnswer {
  status: number
  /** Undefined when the body is not JSON. */
  json: unknown
}

/** Calls of one provider, all within one time limit; nothing it sends is trusted, followed or endless. */
export interface ProviderHttp {
  /** @throws {AppError} `provider_failed` when no answer of acceptable size came in time */
  call(step: ProviderStep, request: Request): Promise<ProviderAnswer>
  /**
   * A failure of the provider's for our caller; the log gets the step and the reason.
   *
   * @param reason a constant of ours, never text from the provider
   */
  failure(step: ProviderStep, reason: string, cause?: unknown): AppError
}

/** @param name what people know the provider by */
export function createProviderHttp(
  ctx: Pick<Ctx, 'config' | 'logger' | 'requestId'>,
  provider: { id: string; name: string },
): ProviderHttp {
  const deadline = AbortSignal.timeout(ctx.config.LOGIN_PROVIDER_TIMEOUT_SECONDS * 1000)
  const failure: ProviderHttp['failure'] = (step, reason, cause) => {
    ctx.logger.log('warn', 'login_provider_failed', {
      request_id: ctx.requestId,
      provider: provider.id,
      step,
      reason,
      error: cause === undefined ? undefined : errorName(cause),
    })
    return new AppError(
      'provider_failed',
      `${provider.name} did not answer as it should. Try again in a moment.`,
      { cause },
    )
  }
  return {
    failure,
    async call(step, request) {
      const headers = new Headers(request.headers)
      headers.set('accept', 'application/json')
      // GitHub refuses calls without one.
      headers.set('user-agent', 'shared-accounts')
      let status: number
      let text: string
      try {
        const response = await fetch(
          new Request(request, { headers, redirect: 'manual', signal: deadline }),
        )
        status = response.status
        text = await readLimited(response, MAX_ANSWER_BYTES)
      } catch (cause) {
        throw failure(step, deadline.aborted ? 'timeout' : 'no_answer', cause)
      }
      if (status >= 300 && status < 400) throw failure(step, 'redirect')
      return { status, json: parseJson(text) }
    },
  }
}
