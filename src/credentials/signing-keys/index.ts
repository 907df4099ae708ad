export { createKeyRing } from './key-ring.ts'
export { publicKeys } from './public-keys.ts'
export { rotateDue } from './rotate.ts'
export { keySetEndpoints, signingKeyEndpoints } from './routes.ts'
