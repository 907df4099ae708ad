import { randomUUID } from 'node:crypto'
import { mailTo, tokenIn } from '../../../support/mail.ts'
import { call, sql } from '../../../support/stack.ts'
import { type Cases, newPeople, on, tokensOf, userRow } from './case.ts'

/** What people do by mail, or with their password. */
export async function recovery(baseUrl: string): Promise<Cases> {
  const { reset, change, verify, resend, forgetful, old, agree } = await newPeople(
    baseUrl,
    ...(['reset', 'change', 'verify', 'resend', 'forgetful', 'old', 'agree'] as const),
  )
  await call('/api/auth/forgot-password', { json: { email: reset.email }, baseUrl })
  const resetToken = tokenIn(await mailTo(reset.email, /new password/))
  const verifyToken = tokenIn(await mailTo(verify.email, /Confirm/))
  await mailTo(resend.email, /Confirm/)
  const newEmail = `${randomUUID()}@example.com`
  await call('/api/auth/change-email', {
    token: agree.token,
    json: { new_email: newEmail },
    baseUrl,
  })
  const agreeToken = tokenIn(await mailTo(newEmail, /./))
  return {
    ...on(
      'POST /api/auth/reset-password',
      { json: { token: resetToken, new_password: `new-${reset.password}` } },
      { state: userRow(reset) },
    ),
    ...on(
      'POST /api/auth/forgot-password',
      { json: { email: forgetful.email } },
      { state: tokensOf(forgetful, 'reset_password') },
    ),
    ...on(
      'POST /api/auth/request-password-reset',
      { json: { email: old.email } },
      { state: tokensOf(old, 'reset_password') },
    ),
    ...on(
      'POST /api/auth/change-password',
      {
        token: change.token,
        json: { old_password: change.password, new_password: `new-${change.password}` },
      },
      { state: userRow(change) },
    ),
    ...on(
      'POST /api/auth/verify-email',
      { json: { token: verifyToken } },
      { state: userRow(verify) },
    ),
    ...on(
      'POST /api/auth/resend-verification',
      { json: { email: resend.email } },
      { state: tokensOf(resend, 'verify_email') },
    ),
    ...on(
      'POST /api/auth/confirm-email',
      { json: { token: agreeToken } },
      { state: () => sql`select * from email_changes where user_id = ${agree.id}` },
    ),
  }
}
