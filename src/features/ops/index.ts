export { docsRoutes } from './docs.ts'
export { opsEndpoints } from './routes.ts'
