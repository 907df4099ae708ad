export { passwordEndpoints } from './routes.ts'
export { MailToken } from './schemas.ts'
export { whileSignedOut } from './signed-out.ts'
