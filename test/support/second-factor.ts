import { Secret, TOTP } from 'otpauth'
import { call, sql, type TestPerson } from './stack.ts'

/** Somebody with an authenticator app. */
export interface EnrolledPerson extends TestPerson {
  secret: string
  recoveryCodes: string[]
}

/** What the app shows now, or so many steps earlier or later. */
export function codeOf(secret: string, steps = 0): string {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) })
  return totp.generate({ timestamp: Date.now() + steps * 30_000 })
}

/** Adds an authenticator app and lets a while pass, so that the code of this moment is still unused. */
export async function enrol(person: TestPerson, baseUrl?: string): Promise<EnrolledPerson> {
  const where = baseUrl === undefined ? {} : { baseUrl }
  const { body } = await call<{ secret: string }>('/api/auth/mfa/totp', {
    token: person.token,
    json: { password: person.password },
    ...where,
  })
  const confirmed = await call<{ recovery_codes: string[] }>('/api/auth/mfa/totp/confirm', {
    token: person.token,
    json: { code: codeOf(body.secret) },
    ...where,
  })
  if (confirmed.status !== 200) throw new Error(`confirming answered ${confirmed.status}`)
  await letStepsPass(person)
  return { ...person, secret: body.secret, recoveryCodes: confirmed.body.recovery_codes }
}

/** As if the last code had been used long ago. */
export async function letStepsPass(person: { id: number }): Promise<void> {
  await sql`update totp_factors set last_used_step = 0 where user_id = ${person.id}`
}

/** The first half of a sign-in: the token for the second. */
export async function passwordStep(person: TestPerson, baseUrl?: string): Promise<string> {
  const { body } = await call<{ mfa_required: boolean; mfa_token: string }>('/api/auth/login', {
    json: { username: person.username, password: person.password },
    ...(baseUrl && { baseUrl }),
  })
  if (!body.mfa_required) throw new Error('no second factor was asked for')
  return body.mfa_token
}
