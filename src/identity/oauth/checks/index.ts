import type { Asked, AuthorizationRequest } from '../request.ts'
import { checkLimits } from './limits.ts'
import { checkMaxAge } from './max-age.ts'
import { checkPkce } from './pkce.ts'
import { checkPrompt } from './prompt.ts'
import { checkResource } from './resource.ts'
import { checkResponseType } from './response-type.ts'
import { checkScope } from './scope.ts'
import { checkUnsupported } from './unsupported.ts'

type Found = Partial<AuthorizationRequest>

/**
 * What an authorization request has to pass once its client and its address are known, in this order: each
 * throws what the client is told, or gives its part of the request.
 */
const CHECKS: readonly ((asked: Asked) => Found)[] = [
  checkLimits,
  checkUnsupported,
  checkResponseType,
  checkScope,
  checkPkce,
  checkResource,
  checkPrompt,
  checkMaxAge,
]

/** @throws {AppError} the first thing that is wrong with it */
export function checkAll(asked: Asked): Found {
  return Object.assign({}, ...CHECKS.map((check) => check(asked)))
}
