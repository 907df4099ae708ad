export { foldName } from '../../platform/folding.ts'
export { addUser } from './add-user.ts'
export { asOf } from './as-of.ts'
export { fillSkeletonSoon } from './fill-skeleton.ts'
export { requireFreeAddress } from './free-address.ts'
export { getMe } from './get-me.ts'
export { nameColumns } from './name-columns.ts'
export {
  activeAt,
  claimantOf,
  findCandidates,
  findUserById,
  findUserByName,
  isNameTaken,
  type NameCandidates,
  openClaimOf,
  ownerOf,
  type PersonSource,
  personByName,
  type UserRow,
  unverifiedOwner,
} from './queries.ts'
export { register } from './register.ts'
export { accountEndpoints } from './routes.ts'
export { Done, NamedPerson, Password, RegisterInput, User, Username } from './schemas.ts'
export { upgradeHashSoon } from './upgrade-hash.ts'
export { toUser } from './user-view.ts'
export { prepareVerification } from './verification.ts'
