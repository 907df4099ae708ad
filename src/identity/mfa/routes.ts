import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { Done } from '../accounts/index.ts'
import { deliverTokens, LoginAnswer, TransportQuery } from '../sessions/index.ts'
import { Proof } from './require-step-up.ts'
import {
  CodeInput,
  EnrolConfirmInput,
  EnrolInput,
  EnrolledLogin,
  Enrolment,
  RecoveryCodes,
  SecondFactorStatus,
  VerifyInput,
} from './schemas.ts'
import {
  beginOwnEnrolment,
  confirmOwnEnrolment,
  disableSecondFactor,
  readStatus,
  renewRecoveryCodes,
} from './settings.ts'
import { confirmAtSignIn, enrolAtSignIn, verifySignIn } from './sign-in.ts'

const tag = 'Second factor'
const ProofInput = Proof.meta({ id: 'Proof' })

const atSignIn: Endpoint[] = [
  endpoint(
    {
      method: 'post',
      path: '/auth/mfa/verify',
      operationId: 'verifySecondFactor',
      tag,
      summary: 'The second step of a sign-in',
      auth: 'public',
      limit: 'login',
      query: TransportQuery,
      body: VerifyInput,
      answer: { status: 200, description: 'The tokens of a new session.', schema: LoginAnswer },
      errors: ['invalid_token', 'invalid_code', 'account_locked', 'account_disabled'],
    },
    async (c, { body, query }) =>
      deliverTokens(c, await verifySignIn(c.get('ctx'), body.mfa_token, body), query.useCookies),
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/mfa/enrol',
      operationId: 'enrolAtSignIn',
      tag,
      summary: 'Add an authenticator app during a sign-in',
      description: 'For people whose role must have one and who have none yet.',
      auth: 'public',
      limit: 'login',
      body: EnrolInput,
      answer: { status: 200, description: 'What the app has to know.', schema: Enrolment },
      errors: ['invalid_token', 'conflict'],
    },
    async (c, { body }) => enrolAtSignIn(c.get('ctx'), body.mfa_token),
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/mfa/enrol/confirm',
      operationId: 'confirmEnrolmentAtSignIn',
      tag,
      summary: 'Complete it, and the sign-in',
      auth: 'public',
      limit: 'login',
      query: TransportQuery,
      body: EnrolConfirmInput,
      answer: {
        status: 200,
        description: 'The tokens of a new session, and the recovery codes.',
        schema: EnrolledLogin,
      },
      errors: ['invalid_token', 'invalid_code', 'account_locked', 'conflict'],
    },
    async (c, { body, query }) =>
      deliverTokens(
        c,
        await confirmAtSignIn(c.get('ctx'), body.mfa_token, body.code),
        query.useCookies,
      ),
  ),
]

const settings: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/auth/mfa',
      operationId: 'getSecondFactor',
      tag,
      summary: 'My second factor',
      auth: 'session',
      answer: { status: 200, description: 'Whether there is one.', schema: SecondFactorStatus },
    },
    async (c) => readStatus(c.get('ctx')),
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/mfa/totp',
      operationId: 'beginSecondFactor',
      tag,
      summary: 'Add an authenticator app',
      description: 'Nothing changes until a first code is confirmed.',
      auth: 'session',
      body: ProofInput,
      bodyRequired: false,
      answer: { status: 200, description: 'What the app has to know.', schema: Enrolment },
      errors: ['step_up_required', 'account_locked', 'conflict'],
    },
    async (c, { body }) => beginOwnEnrolment(c.get('ctx'), body),
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/mfa/totp/confirm',
      operationId: 'confirmSecondFactor',
      tag,
      summary: 'Complete it with a first code',
      auth: 'session',
      body: CodeInput,
      answer: { status: 200, description: 'The recovery codes.', schema: RecoveryCodes },
      errors: ['invalid_code', 'account_locked', 'conflict'],
    },
    async (c, { body }) => ({
      recovery_codes: await confirmOwnEnrolment(c.get('ctx'), body.code),
    }),
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/mfa/disable',
      operationId: 'disableSecondFactor',
      tag,
      summary: 'Remove my authenticator app',
      auth: 'session',
      body: ProofInput,
      answer: { status: 200, description: 'It is removed.', schema: Done },
      errors: ['step_up_required', 'invalid_code', 'account_locked', 'forbidden'],
    },
    async (c, { body }) => {
      await disableSecondFactor(c.get('ctx'), body)
      return { message: 'The second factor is removed.', success: true }
    },
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/mfa/recovery-codes',
      operationId: 'renewRecoveryCodes',
      tag,
      summary: 'New recovery codes',
      description: 'The old ones stop working.',
      auth: 'session',
      body: ProofInput,
      answer: { status: 200, description: 'The recovery codes.', schema: RecoveryCodes },
      errors: ['step_up_required', 'invalid_code', 'account_locked', 'conflict'],
    },
    async (c, { body }) => ({ recovery_codes: await renewRecoveryCodes(c.get('ctx'), body) }),
  ),
]

export const mfaEndpoints: Endpoint[] = [...atSignIn, ...settings]
