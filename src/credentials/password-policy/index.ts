export { passwordProblem } from './check-password.ts'
export { type CommonPasswords, readStems } from './common.ts'
export { loadCommonPasswords } from './load-common.ts'
export { requireGoodPassword } from './require-good-password.ts'
