export { Proof, requireStepUp } from './require-step-up.ts'
