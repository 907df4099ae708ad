export { type Attempt, type Counter, settleBy, takeAttempt } from './take-attempt.ts'
