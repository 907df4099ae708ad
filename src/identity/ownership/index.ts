export { endAllKeys } from './end-keys.ts'
export {
  countKeyTenure,
  type EndedIdentity,
  endFormerWays,
  provenBy,
  revokeKeys,
  revokeKeysAtProof,
} from './queries.ts'
