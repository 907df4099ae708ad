export { gatewayEndpoints, pluginGatewayEndpoints } from './routes.ts'
export { answerUnknownPath } from './unknown-path.ts'
