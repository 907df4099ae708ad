export { type CodePlace, clearCodeAttempts } from './attempts.ts'
export {
  beginSecondStep,
  CHALLENGE_SECONDS,
  type Challenge,
  consumeChallenge,
  isSecondFactorRequired,
  readChallenge,
} from './challenge.ts'
export {
  beginEnrolment,
  confirmEnrolment,
  type Enrolment,
  replaceRecoveryCodes,
} from './enrolment.ts'
export { countRecoveryCodes } from './queries.ts'
export { removeSecondFactor } from './remove.ts'
export { hasSecondFactor, type SecondFactorProof, verifySecondFactor } from './verify-code.ts'
