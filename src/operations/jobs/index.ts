export { jobEndpoints } from './routes.ts'
export { runScheduled } from './scheduled.ts'
