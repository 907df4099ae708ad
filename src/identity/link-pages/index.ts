export { pageRoutes } from './routes.tsx'
