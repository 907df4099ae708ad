import * as z from 'zod'
import { LoginAnswer } from '../sessions/index.ts'

export const SecondFactorStatus = z
  .object({
    enabled: z.boolean(),
    required: z.boolean().describe('Whether your role must have a second factor.'),
    recovery_codes_left: z.int(),
  })
  .meta({ id: 'SecondFactorStatus' })

export const Enrolment = z
  .object({
    secret: z.string().describe('For apps without a camera.'),
    otpauth_url: z.string(),
    qr_svg: z.string().describe('The same as a picture: an SVG document.'),
  })
  .meta({ id: 'SecondFactorEnrolment' })

const Code = z.string().min(1).max(20).describe('Six digits from the authenticator app.')
const MfaToken = z.string().min(1).max(100).describe('From the answer to the sign-in.')

export const CodeInput = z.object({ code: Code }).meta({ id: 'SecondFactorCode' })

export const VerifyInput = z
  .object({
    mfa_token: MfaToken,
    code: Code.optional(),
    recovery_code: z.string().min(1).max(40).optional().describe('Instead of the code.'),
  })
  .refine((input) => input.code !== undefined || input.recovery_code !== undefined, {
    path: ['code'],
    message: 'Give either "code" or "recovery_code".',
  })
  .meta({ id: 'SecondFactorVerifyInput' })

export const EnrolInput = z.object({ mfa_token: MfaToken }).meta({ id: 'SecondFactorEnrolInput' })

export const EnrolConfirmInput = z
  .object({ mfa_token: MfaToken, code: Code })
  .meta({ id: 'SecondFactorEnrolConfirmInput' })

const recoveryCodes = z.array(z.string()).describe('Each works once. They are shown only now.')

export const RecoveryCodes = z
  .object({ recovery_codes: recoveryCodes })
  .meta({ id: 'RecoveryCodes' })

export const EnrolledLogin = LoginAnswer.extend({ recovery_codes: recoveryCodes }).meta({
  id: 'EnrolledLoginAnswer',
})
