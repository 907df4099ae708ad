import { AppError } from '../../../errors.ts'
import type { Asked } from '../request.ts'

/** Codes only (RFC 9700 §2.1.2), and they go where the client can read them. */
export function checkResponseType({ params, client }: Asked) {
  const type = params.get('response_type')
  if (type === null) throw new AppError('invalid_request', '"response_type" is missing.')
  if (type !== 'code')
    throw new AppError('unsupported_response_type', 'The only "response_type" is "code".')
  if (!client.grantTypes.includes('authorization_code'))
    throw new AppError('unauthorized_client', 'This client has other ways to get a token.')
  const mode = params.get('response_mode') ?? 'query'
  if (mode !== 'query' && mode !== 'fragment')
    throw new AppError('invalid_request', '"response_mode" is "query" or "fragment".')
  return { responseMode: mode } as const
}
