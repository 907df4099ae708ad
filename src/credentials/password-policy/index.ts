export {
  MAX_PASSWORD_LENGTH,
  MIN_PASSWORD_LENGTH,
  passwordProblem,
  requireGoodPassword,
} from './check-password.ts'
