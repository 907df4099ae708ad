export { probeService, type ServiceState } from './probe-service.ts'
export { gatewayEndpoints, pluginGatewayEndpoints } from './routes.ts'
export { answerUnknownPath } from './unknown-path.ts'
