import * as z from 'zod'

/** The plug-in sends numbers as strings in places (node-postgres defaults). */
const Numeric = z.union([z.number(), z.string().transform(Number)]).pipe(z.number())

export const PluginKey = z
  .object({
    id: z.int(),
    user_id: z.int(),
    plugin_user_id: z.string().nullable(),
    state: z
      .enum(['pending', 'ready'])
      .describe('Whether the plug-in user exists and its key is stored.'),
    is_active: z.boolean(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({
    id: 'PluginKey',
    description: 'State of your account at the plug-in API; never its key.',
  })

export const AuthorizeInput = z
  .object({
    is_shared: z
      .union([z.literal(0), z.literal(1), z.boolean()])
      .transform(Number)
      .default(0)
      .describe('1 lends the account to everybody, 0 keeps it to yourself.'),
  })
  .meta({ id: 'AuthorizeInput' })

export const AuthorizeAnswer = z
  .object({
    auth_url: z.url().describe('Open this address in a browser and consent.'),
    state: z.string(),
    expires_in: z.int().describe('Seconds until the state expires.'),
  })
  .meta({ id: 'AuthorizeAnswer' })

export const CallbackInput = z
  .object({
    callback_url: z
      .url()
      .max(4096)
      .describe('The whole address that the browser was sent to after the consent.'),
  })
  .meta({ id: 'CallbackInput' })

export const AuthorizedAccount = z
  .object({
    cookie_id: z.string(),
    user_id: z.string(),
    is_shared: Numeric,
    is_restricted: z.boolean().nullish(),
    ineligible: z.boolean().nullish(),
    created_at: z.string(),
  })
  .meta({ id: 'AuthorizedAccount' })

export const Account = z
  .object({
    cookie_id: z.string(),
    user_id: z.string(),
    name: z.string().nullish(),
    is_shared: Numeric.describe('1: lent to everybody. 0: yours alone.'),
    status: Numeric.describe('1: usable. 0: disabled.'),
    need_refresh: z.boolean().nullish(),
    expires_at: Numeric.nullish().describe('Milliseconds since the epoch.'),
    is_restricted: z.boolean().nullish(),
    paid_tier: z.boolean().nullish(),
    ineligible: z.boolean().nullish(),
    last_used_at: z.string().nullish(),
    created_at: z.string(),
    updated_at: z.string().nullish(),
  })
  .meta({ id: 'Account', description: 'One AI account that you have brought.' })
