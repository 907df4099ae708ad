export { docsRoutes } from './docs.ts'
