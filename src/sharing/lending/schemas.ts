import * as z from 'zod'
import { Amount, Flag, MaybeBoolean, MaybeText, Moment } from '../plugin/index.ts'
import { AccountHealth, ModelHealth } from './health-schemas.ts'

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

/** 0 or 1 as clients send it. */
const Bit = z.union([z.literal(0), z.literal(1), z.boolean()]).transform(Number)

export const AuthorizeInput = z
  .object({
    is_shared: Bit.default(0).describe('1 lends the account to everybody, 0 keeps it to yourself.'),
  })
  .meta({ id: 'AuthorizeInput' })

export const AuthorizeAnswer = z
  .object({
    auth_url: z.url().describe('Open this address in a browser and consent.'),
    state: z.string().min(1),
    expires_in: z.int().positive().describe('Seconds until the state expires.'),
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
    user_id: MaybeText,
    is_shared: Flag,
    is_restricted: MaybeBoolean,
    ineligible: MaybeBoolean,
    created_at: Moment,
  })
  .meta({ id: 'AuthorizedAccount' })

/** An account as the plug-in describes it. */
export const PluginAccount = z.object({
  cookie_id: z.string(),
  user_id: MaybeText,
  name: MaybeText,
  is_shared: Flag.describe(
    '1: you lend it to everybody, even while it is held back. 0: yours alone.',
  ),
  status: Flag.describe('1: usable. 0: disabled.'),
  need_refresh: MaybeBoolean,
  expires_at: Amount.describe(
    'Milliseconds since the epoch; of its access token, which is renewed by itself.',
  ),
  is_restricted: MaybeBoolean,
  paid_tier: MaybeBoolean,
  ineligible: MaybeBoolean,
  created_at: Moment,
  updated_at: Moment,
})
export type PluginAccount = z.output<typeof PluginAccount>

/** The same in a list. */
export const ListedAccount = PluginAccount.extend({
  last_used_at: Moment.describe('Null: never, as far as the AI service remembers.'),
})
export type ListedAccount = z.output<typeof ListedAccount>

const ownersView = {
  held_back: z
    .boolean()
    .describe(
      'Lent, but yours alone until its quota is back; `health` says which, and until when.',
    ),
  health: AccountHealth,
}

export const Account = ListedAccount.extend(ownersView).meta({
  id: 'Account',
  description: 'One AI account that you have brought.',
})

/** What is left of one account for one model, as the plug-in describes it. */
export const PluginQuota = z.object({
  quota_id: MaybeText,
  cookie_id: MaybeText,
  model_name: z.string(),
  quota: Amount.describe('What is left, as a fraction of the whole.'),
  reset_time: Moment,
  status: Flag.describe('1: used. 0: left out, until it is set to 1 again.'),
  last_fetched_at: Moment,
  created_at: Moment,
})
export type PluginQuota = z.output<typeof PluginQuota>

export const AccountQuota = PluginQuota.extend({ health: ModelHealth }).meta({ id: 'AccountQuota' })
export type AccountQuota = z.output<typeof AccountQuota>

/** Why quotas could not be read; an empty list is then no sign that there is nothing left. */
export const QuotasError = z
  .object({ code: z.string(), message: z.string() })
  .meta({ id: 'QuotasError', description: 'Why the quotas of this account could not be read.' })

const quotasRead = {
  quotas: z.array(AccountQuota),
  quotas_error: QuotasError.nullable(),
}

export const AccountWithQuotas = Account.extend(quotasRead).meta({ id: 'AccountWithQuotas' })

export const SingleAccount = PluginAccount.extend({
  ...ownersView,
  quotas: quotasRead.quotas.optional().describe('With `include=quotas`.'),
  quotas_error: quotasRead.quotas_error.optional(),
}).meta({ id: 'SingleAccount' })

export const CookieId = z.object({
  cookie_id: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, 'This is no id of an account.'),
})

/** Any name that a model could have; what a path cannot carry is refused where the path is made. */
const ModelName = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => !/\p{Cc}/u.test(name), 'A model has no control characters in its name.')

export const ModelParam = z.object({ model_name: ModelName })
export const CookieModelParam = CookieId.extend({ model_name: ModelName })

export const AccountQuery = z.object({
  include: z
    .enum(['quotas'])
    .optional()
    .describe('`quotas`: ask upstream what is left; takes a moment.'),
})

export const StatusInput = z
  .object({ status: Bit.describe('1: use it. 0: do not.') })
  .meta({ id: 'StatusInput' })

export const TypeInput = z
  .object({ is_shared: Bit.describe('1 lends the account to everybody, 0 takes it back.') })
  .meta({ id: 'TypeInput' })

export const NameInput = z
  .object({
    name: z
      .string()
      .max(100)
      .refine(
        (name) => name.isWellFormed() && !name.includes('\0'),
        'Some characters of it cannot be kept.',
      )
      .describe('May be empty.'),
  })
  .meta({ id: 'NameInput' })

export const AccountStatus = z
  .object({ cookie_id: z.string(), status: Flag })
  .meta({ id: 'AccountStatus' })
export const AccountType = z
  .object({
    cookie_id: z.string(),
    is_shared: Flag,
    status: Flag.optional().describe(
      '0: the AI service cannot take accounts back, so it was switched off instead.',
    ),
  })
  .meta({ id: 'AccountType' })
export const AccountName = z
  .object({ cookie_id: z.string(), name: MaybeText })
  .meta({ id: 'AccountName' })
export const ModelStatus = z
  .object({ cookie_id: z.string(), model_name: z.string(), status: Flag })
  .meta({ id: 'ModelStatus' })

export const Preference = z
  .object({
    user_id: MaybeText,
    name: MaybeText,
    prefer_shared: Flag.describe('1: shared accounts first. 0: your own first.'),
    status: Flag,
    created_at: Moment,
    updated_at: Moment,
  })
  .meta({ id: 'Preference' })

export const PreferenceInput = z
  .object({ prefer_shared: Bit.describe('1: shared accounts first. 0: your own first.') })
  .meta({ id: 'PreferenceInput' })

export const ChangedPreference = z
  .object({ user_id: MaybeText, prefer_shared: Flag })
  .meta({ id: 'ChangedPreference' })
