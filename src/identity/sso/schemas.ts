import * as z from 'zod'

const opaque = z.string().min(1).max(4096)

export const ProviderParams = z.object({
  provider: z.string().max(64).describe('Id of a configured provider.'),
})

const beginFields = {
  return_to: z
    .string()
    .max(2048)
    .optional()
    .describe('Where the browser goes at the end: a path here, or a known front end.'),
}

export const BeginQuery = z.object({
  ...beginFields,
  code_challenge: z
    .string()
    .regex(/^[\w-]{43}$/, 'must be the base64url of a SHA-256')
    .optional()
    .describe(
      'For clients without cookies: S256 of a secret to send as `code_verifier` at the end.',
    ),
})

export const BeginRedirectQuery = z.object(beginFields)

export const BegunLogin = z
  .object({
    authorization_url: z.string().describe('Where the person signs in.'),
    state: z.string().describe('Comes back with the code; good for one use within ten minutes.'),
  })
  .meta({ id: 'BegunLogin' })

/** What a provider appends to the callback address. */
export const CallbackQuery = z.object({
  code: opaque.optional(),
  state: z.string().max(512).optional(),
  error: z.string().max(256).optional(),
  error_description: z.string().optional(),
  iss: z.string().max(2048).optional(),
})

const codeVerifier = z.string().min(43).max(128).optional()

export const CallbackInput = z
  .object({
    code: opaque,
    state: z.string().min(1).max(512),
    code_verifier: codeVerifier.describe('If the login was begun with `code_challenge`.'),
    iss: z.string().max(2048).optional(),
  })
  .meta({ id: 'OAuthCallbackInput' })

export const TokenLoginInput = z
  .object({
    code: opaque.optional(),
    state: z.string().max(512).optional().describe('With `code`: from the beginning of the login.'),
    code_verifier: codeVerifier,
    id_token: z.string().min(1).max(16_384).optional(),
    nonce: z
      .string()
      .max(512)
      .optional()
      .describe('With `id_token`, if it was asked for with one.'),
    access_token: opaque.optional(),
  })
  .refine(
    (input) =>
      input.id_token !== undefined ||
      input.access_token !== undefined ||
      (input.code !== undefined && input.state !== undefined),
    {
      path: ['code'],
      message: 'Give "code" and "state", an "id_token" or an "access_token".',
    },
  )
  .meta({ id: 'TokenLoginInput' })

export const LoginProvider = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.enum(['oauth2', 'oidc']),
    enabled: z.literal(true),
    supports_refresh: z.literal(true),
    description: z.string(),
    login_url: z.string().describe('Where a browser begins.'),
  })
  .meta({ id: 'LoginProvider' })

export const ProviderList = z.object({ providers: z.array(LoginProvider) })

export const Identity = z
  .object({
    id: z.int(),
    provider: z.string(),
    provider_name: z.string(),
    issuer: z.string(),
    subject: z.string(),
    username: z.string().nullable(),
    email: z.string().nullable(),
    email_verified: z.boolean(),
    avatar_url: z.string().nullable(),
    created_at: z.iso.datetime(),
    last_login_at: z.iso.datetime().nullable().describe('When the provider vouched for it last.'),
  })
  .meta({ id: 'Identity', description: 'Who the person is at a sign-in provider.' })

export const IdentityList = z.object({ identities: z.array(Identity) })

export const IdentityParams = z.object({
  id: z
    .string()
    .regex(/^[1-9]\d{0,9}$/)
    .transform(Number)
    .pipe(z.int32()),
})

export const LinkedIdentity = z
  .object({ linked: z.literal(true), provider: z.string(), user_id: z.int() })
  .meta({ id: 'LinkedIdentity', description: 'The identity was added; no new session began.' })
