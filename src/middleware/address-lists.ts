import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { AppError } from '../errors.ts'
import { isInside, parseAddress } from '../platform/address.ts'

/**
 * Lets in only addresses of `IP_ALLOWLIST`, if there is one, and none of `IP_DENYLIST`. An address
 * that nobody tells is on no list: it passes a deny list and fails an allow list.
 */
export const checkAddress: MiddlewareHandler<AppEnv> = (c, next) => {
  const { config, clientIp } = c.get('ctx')
  const { IP_ALLOWLIST: allowed, IP_DENYLIST: denied } = config
  if (allowed.length > 0 || denied.length > 0) {
    const address = parseAddress(clientIp ?? '')
    const isOn = (list: typeof allowed) =>
      address !== null && list.some((range) => isInside(address, range))
    if (isOn(denied) || (allowed.length > 0 && !isOn(allowed)))
      throw new AppError('address_refused', 'Requests from your address are not accepted.')
  }
  return next()
}
