export { deriveUsername } from './derive-username.ts'
export { foldName } from './folding.ts'
export { pluginNameFor } from './plugin-name.ts'
export {
  findUserById,
  findUserByName,
  insertUser,
  recordLogin,
  type UserRow,
} from './queries.ts'
export { register } from './register.ts'
export { accountEndpoints } from './routes.ts'
export { RegisterInput, User } from './schemas.ts'
export { toUser } from './user-view.ts'
