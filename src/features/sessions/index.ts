export { authenticateSession } from './authenticate.ts'
export { startSession } from './login.ts'
export { sessionEndpoints } from './routes.ts'
export { createTokens, type Tokens } from './tokens.ts'
