import * as z from 'zod'

/** Mails without a secret in them are kept as what they say, and written when they are sent. */
export const MailFacts = z.object({
  kind: z.literal('quota_low'),
  group: z.string(),
  /** In units. */
  balance: z.number(),
  ceiling: z.number(),
})
