export {
  type ApplicationActor,
  authenticateApplication,
  forgetGrantsHere,
  readAlive,
  recallApplication,
} from './authenticate.ts'
export { clientSnapshot, findClient, isDocumentId, OAuthClient } from './client.ts'
export { findClientRow, type OAuthClientRow } from './queries.ts'
export {
  bindApp,
  endApp,
  endGrant,
  GRANT_FIELDS,
  type Grant,
  grantKey,
  openGrant,
  readGrant,
  rotateGrant,
  type StoredGrant,
} from './store.ts'
export {
  type ApplicationClaims,
  isApplicationToken,
  signApplicationToken,
  verifyApplicationToken,
} from './tokens.ts'
