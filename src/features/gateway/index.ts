export { gatewayEndpoints, pluginGatewayEndpoints } from './routes.ts'
