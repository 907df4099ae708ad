import { describe, expect, it } from 'vitest'
import { signatureHeaders } from '../../src/notices/webhooks/sign.ts'

describe('the signature of a webhook', () => {
  it('is that of the reference implementation', async () => {
    // The example of https://www.standardwebhooks.com and its libraries' own tests.
    const headers = await signatureHeaders(
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' },
      1_614_265_330_999,
    )
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })
})
