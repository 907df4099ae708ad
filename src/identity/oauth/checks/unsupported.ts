import { AppError } from '../../../errors.ts'
import type { Asked } from '../request.ts'

/** OpenID Connect Core §6: what is not supported has errors of its own, so that nobody believes it was heeded. */
export function checkUnsupported({ params }: Asked) {
  if (params.has('request')) throw new AppError('request_not_supported')
  if (params.has('request_uri')) throw new AppError('request_uri_not_supported')
  return {}
}
