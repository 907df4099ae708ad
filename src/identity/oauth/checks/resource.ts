import type { Asked } from '../request.ts'
import { checkResources } from '../resources.ts'

/** RFC 8707 §2. */
export function checkResource({ params, issuer }: Asked) {
  return { resources: checkResources(params.getAll('resource'), issuer) }
}
