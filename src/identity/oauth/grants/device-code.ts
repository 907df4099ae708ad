import { AppError } from '../../../errors.ts'
import { openCode } from '../code.ts'
import { pollDevice } from '../device-store.ts'
import type { GrantHandler } from './grant.ts'
import { redeem, refused } from './redeem.ts'

/** RFC 8628 §3.4: a device asks whether its user has decided. */
export const exchangeDeviceCode: GrantHandler = async (ctx, request) => {
  const deviceCode = request.form.get('device_code')
  if (deviceCode === null) throw new AppError('invalid_request', '"device_code" is missing.')
  const polled = await pollDevice(ctx.services.redis, deviceCode, ctx.clock.now())
  const { state, code } = polled
  if (state !== 'gone' && polled.clientId !== request.client.clientId) throw refused()
  switch (state) {
    case 'approved':
      return redeem(ctx, request, await openCode(ctx, code))
    case 'denied':
      throw new AppError('access_denied')
    case 'pending':
      throw new AppError('authorization_pending')
    case 'slow':
      throw new AppError('slow_down')
    default:
      throw new AppError('expired_token')
  }
}
