export { expireTokens } from './expire.ts'
export { hashToken, newToken } from './new-token.ts'
export {
  claimedUser,
  claimToken,
  findLiveToken,
  killTokens,
  ownerOfClaim,
  ownerOfToken,
  putToken,
  tokenRowFor,
} from './queries.ts'
