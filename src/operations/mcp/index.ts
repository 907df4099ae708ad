export { mcpEndpoints } from './routes.ts'
