export { generateKey, KEY_PREFIX } from './key-format.ts'
export {
  authenticateKey,
  forgetKey,
  forgetKeyHere,
  forgetPerson,
  forgetPersonHere,
  recallKey,
  recallOwner,
  rememberKey,
} from './key-principal.ts'
export { factsOf, loadPerson, personSnapshot, requireActive } from './person.ts'
export type { ReadBeside } from './queries.ts'
export type { Person } from './schemas.ts'
export { generationKey, sessionKey } from './session-keys.ts'
