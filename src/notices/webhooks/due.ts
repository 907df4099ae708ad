import { createDueMarker } from '../../platform/due-marker.ts'

/** When a message waits for another attempt. */
export const webhookMarker = createDueMarker('webhook')
