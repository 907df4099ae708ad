import * as z from 'zod'
import { isStorable } from '../../platform/http/storable-text.ts'

/** What a provider says about a person, in our words. Null: it does not say. */
export interface Profile {
  subject: string
  username: string | null
  email: string | null
  /** True only if the provider says so in so many words. */
  isEmailVerified: boolean
  avatarUrl: string | null
  trustLevel: number | null
  isActive: boolean | null
  isSilenced: boolean | null
}

const MAX_TRUST_LEVEL = 4

/** Numbers where a provider counts its users; both forms name the same subject. */
export const Subject = z
  .union([z.string().min(1).max(255).refine(isStorable), z.int().nonnegative()])
  .transform((subject) => String(subject))

/** An optional text: of another type, or empty, it counts as absent. */
export const Text = z.string().trim().min(1).max(255).refine(isStorable).nullable().catch(null)

export const Email = z.email().max(320).nullable().catch(null)

/** Strictly the boolean: the string "true" is a provider's mistake that must not open an account. */
export const Verified = z.boolean().catch(false)

export const Flag = z.boolean().nullable().catch(null)

/** Shown to others in a browser: nothing but a web address. */
export const PictureUrl = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .nullable()
  .catch(null)

/** Discourse's levels, 0 to 4; what lies outside is brought inside. */
export const TrustLevel = z
  .int()
  .transform((level) => Math.min(MAX_TRUST_LEVEL, Math.max(0, level)))
  .nullable()
  .catch(null)
