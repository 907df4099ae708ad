export { rollUpUsage } from './roll-up.ts'
export { statisticsEndpoints } from './routes.ts'
