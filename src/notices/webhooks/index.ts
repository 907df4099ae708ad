export { deliverDueWebhooks } from './deliver.ts'
export { webhookMarker } from './due.ts'
export { webhookRows } from './queries.ts'
