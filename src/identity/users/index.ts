export { deleteUser, lastAdministrator } from './delete-user.ts'
export { lockAdministrators, mayChange } from './queries.ts'
export { userEndpoints } from './routes.ts'
