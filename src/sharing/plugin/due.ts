import { createDueMarker } from '../../platform/due-marker.ts'

/** When somebody waits for their user at the plug-in API, and when one has to go. */
export const provisioningMarker = createDueMarker('plugin-provisioning')
export const deletionMarker = createDueMarker('plugin-deletion')
