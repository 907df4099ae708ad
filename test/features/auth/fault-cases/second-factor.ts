import { changePerson } from '../../../support/admin.ts'
import { codeOf, enrol, letStepsPass, passwordStep } from '../../../support/second-factor.ts'
import { call, newPerson, sql } from '../../../support/stack.ts'
import { type Cases, factorOf, newPeople, on } from './case.ts'

/** The second step of a sign-in, and what comes with it. */
export async function secondFactor(baseUrl: string): Promise<Cases> {
  const people = await newPeople(
    baseUrl,
    ...(['verify', 'recover', 'begin', 'confirm', 'renew', 'disable'] as const),
  )
  const { begin, confirm } = people
  const [verify, recover, renew, disable] = await Promise.all([
    enrol(people.verify),
    enrol(people.recover),
    enrol(people.renew),
    enrol(people.disable),
  ])
  const firstStep = await passwordStep(verify, baseUrl)
  const secondStep = await passwordStep(recover, baseUrl)
  const { body } = await call<{ secret: string }>('/api/auth/mfa/totp', {
    token: confirm.token,
    json: {},
    baseUrl,
  })
  /** The code may be used up: the next one does it. */
  const anew =
    <State>(person: { id: number }, state: () => Promise<State>) =>
    async () => {
      await letStepsPass(person)
      return state()
    }
  return {
    ...on(
      'POST /api/auth/mfa/verify',
      () => ({ json: { mfa_token: firstStep, code: codeOf(verify.secret) } }),
      { state: anew(verify, async () => []) },
    ),
    ...on('POST /api/auth/mfa/verify (by a recovery code)', {
      path: '/api/auth/mfa/verify',
      json: { mfa_token: secondStep, recovery_code: recover.recoveryCodes[0] },
    }),
    ...on('POST /api/auth/mfa/totp', { token: begin.token, json: {} }, { state: factorOf(begin) }),
    ...on(
      'POST /api/auth/mfa/totp/confirm',
      () => ({ token: confirm.token, json: { code: codeOf(body.secret) } }),
      { state: factorOf(confirm) },
    ),
    ...on(
      'POST /api/auth/mfa/recovery-codes',
      () => ({ token: renew.token, json: { code: codeOf(renew.secret) } }),
      { state: anew(renew, factorOf(renew)) },
    ),
    ...on(
      'POST /api/auth/mfa/disable',
      () => ({ token: disable.token, json: { code: codeOf(disable.secret) } }),
      { state: anew(disable, factorOf(disable)) },
    ),
    ...(await atSignIn(baseUrl)),
  }
}

/** For people whose role must have a second factor, and who have none. */
async function atSignIn(baseUrl: string): Promise<Cases> {
  const newManager = async () => {
    const person = await newPerson(baseUrl)
    await changePerson(
      person.id,
      () => sql`update users set role = 'model_manager' where id = ${person.id}`,
    )
    return { ...person, step: await passwordStep(person, baseUrl) }
  }
  const [begin, confirm] = await Promise.all([newManager(), newManager()])
  const { body } = await call<{ secret: string }>('/api/auth/mfa/enrol', {
    json: { mfa_token: confirm.step },
    baseUrl,
  })
  return {
    ...on(
      'POST /api/auth/mfa/enrol',
      { json: { mfa_token: begin.step } },
      { state: factorOf(begin) },
    ),
    ...on(
      'POST /api/auth/mfa/enrol/confirm',
      () => ({ json: { mfa_token: confirm.step, code: codeOf(body.secret) } }),
      { state: factorOf(confirm) },
    ),
  }
}
