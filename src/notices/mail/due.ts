import { createDueMarker } from '../../platform/due-marker.ts'

/** When a mail waits for another attempt. */
export const mailMarker = createDueMarker('mail')
