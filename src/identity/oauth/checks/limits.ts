import { AppError } from '../../../errors.ts'
import type { Asked } from '../request.ts'

const MAX_LENGTHS = { state: 2_000, nonce: 500, login_hint: 320 } as const

/** What is given back, or kept for later, has to stay small. */
export function checkLimits({ params }: Asked) {
  for (const [name, most] of Object.entries(MAX_LENGTHS)) {
    if ((params.get(name)?.length ?? 0) > most)
      throw new AppError('invalid_request', `"${name}" has more than ${most} characters.`)
  }
  return {
    state: params.get('state'),
    nonce: params.get('nonce'),
    loginHint: params.get('login_hint'),
  }
}
