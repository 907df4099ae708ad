export { Proof, requireSecondFactor, requireStepUp } from './require-step-up.ts'
export { mfaEndpoints } from './routes.ts'
export { SecondFactorStatus } from './schemas.ts'
export { readStatus as readSecondFactor } from './settings.ts'
