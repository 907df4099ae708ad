import * as z from 'zod'

/** The form in which the plug-in answers; its clients read `data`. */
export function enveloped<Data extends z.ZodType>(data: Data) {
  return z.object({ success: z.boolean(), message: z.string().optional(), data })
}

export const pluginErrors = [
  'plugin_not_configured',
  'plugin_pending',
  'upstream_error',
  'upstream_timeout',
] as const

/** What the description says about the form of these answers. */
export const FORM =
  "Keeps the AI service's form, `{ success, data }`; numbers are numbers and times are UTC."
