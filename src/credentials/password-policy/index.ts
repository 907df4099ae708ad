export { passwordProblem, requireGoodPassword } from './check-password.ts'
