import type { UpstreamFailureName } from './faults.ts'

/** How an upstream failure shows on a stream, in a plain answer, and what it does to the account. */
export class UpstreamFailure extends Error {
  /** The text that stands in the content of a stream. */
  readonly streamText: string
  /** The plain answer; undefined stands for the 200 whose content is the bare text. */
  readonly status: number | undefined
  readonly plainText: string
  /** What the account suffers. */
  readonly effect: 'none' | 'disable' | 'switch' | 'disable_and_switch'

  constructor(failure: {
    streamText: string
    status: number | undefined
    plainText?: string
    effect?: UpstreamFailure['effect']
  }) {
    super(failure.plainText ?? failure.streamText)
    this.name = 'UpstreamFailure'
    this.streamText = failure.streamText
    this.status = failure.status
    this.plainText = failure.plainText ?? failure.streamText
    this.effect = failure.effect ?? 'none'
  }
}

/** The upstream has no quota left on any account that was tried. */
export function exhausted(effect: UpstreamFailure['effect'] = 'none'): UpstreamFailure {
  return new UpstreamFailure({ streamText: 'RESOURCE_EXHAUSTED', status: undefined, effect })
}

/** The connection to the upstream broke while the answer was under way. */
export function terminated(text = 'terminated'): UpstreamFailure {
  return new UpstreamFailure({ streamText: text, status: 500 })
}

/** An error body passed through as it came. */
export function raw(status: number, text: string): UpstreamFailure {
  return new UpstreamFailure({ streamText: text, status })
}

/** The upstream has no such model. */
export function unknownModel(): UpstreamFailure {
  return raw(404, body(404, 'Requested entity was not found.', 'NOT_FOUND'))
}

/** An input image is larger than the service accepts. */
export function imageTooLarge(): UpstreamFailure {
  return new UpstreamFailure({ streamText: 'IMAGE_INPUT_EXCEEDED_MAXIMUM_5_MB', status: 400 })
}

/** The upstream calls that these names stand for fail before the first byte of an answer. */
type EarlyFailure = Exclude<
  UpstreamFailureName,
  'no_account' | 'pool_empty' | 'build_failed' | 'terminated_midway'
>

/** The armed failure of that name; `text` replaces the usual text. */
export function namedFailure(name: EarlyFailure, text: string | undefined): UpstreamFailure {
  switch (name) {
    case 'resource_exhausted':
      return exhausted()
    case 'upstream_400':
      return raw(
        400,
        text ?? body(400, 'Request contains an invalid argument.', 'INVALID_ARGUMENT'),
      )
    case 'upstream_400_unknown': {
      const said = text ?? body(400, 'Precondition check failed.', 'FAILED_PRECONDITION')
      return new UpstreamFailure({ streamText: said, status: 400, effect: 'disable' })
    }
    case 'project_invalid': {
      const said = text ?? body(400, 'RESOURCE_PROJECT_INVALID', 'INVALID_ARGUMENT')
      return new UpstreamFailure({ streamText: said, status: 400, effect: 'disable_and_switch' })
    }
    case 'upstream_401':
      return raw(
        401,
        text ?? body(401, 'Request had invalid authentication credentials.', 'UNAUTHENTICATED'),
      )
    case 'upstream_403':
      return new UpstreamFailure({
        streamText: 'ALL_ENDPOINTS_403',
        status: 403,
        plainText: text ?? body(403, 'Cloud AI Companion API has not been used.', 'FORBIDDEN'),
        effect: 'disable',
      })
    case 'upstream_403_permission':
      return raw(403, text ?? body(403, 'The caller does not have permission', 'PERMISSION_DENIED'))
    case 'upstream_500':
      return raw(500, text ?? body(500, 'Backend error.', 'INTERNAL'))
    case 'upstream_502':
      return raw(502, text ?? '<html><title>502 Bad Gateway</title></html>')
    case 'upstream_503':
      return raw(503, text ?? body(503, 'The model is overloaded.', 'UNAVAILABLE'))
    case 'illegal_prompt':
      return new UpstreamFailure({ streamText: 'ILLEGAL_PROMPT', status: 500 })
    case 'image_too_large':
      return imageTooLarge()
  }
}

function body(code: number, message: string, status: string): string {
  return JSON.stringify({ error: { code, message, status } }, null, 2)
}
