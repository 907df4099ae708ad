export { settingEndpoints } from './routes.ts'
