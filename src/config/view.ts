import * as z from 'zod'
import { isOidcSettingName, LOGIN_PROVIDER_SETTING_NAMES } from './login-providers.ts'
import { schema } from './schema.ts'

/** What one setting is, for whoever runs the service. */
export interface SettingView {
  name: string
  /** `set`: by this deployment; `default`: ours; `unset`: neither. */
  state: 'set' | 'default' | 'unset'
  isSecret: boolean
  /** As it was written; null where there is none, or where nobody may read it. */
  value: string | null
}

/** Whatever is named like a secret is one; so are addresses that hold a password, or may. */
const SECRET = /(?:SECRET|KEY|TOKEN|PASSWORD)$|^(?:DATABASE_URL|QUOTA_WEBHOOK_URL)$/

/**
 * All settings as they act, those of social login only where they are set.
 *
 * @param texts what the deployment has set, by name; other variables are left out
 */
export function viewSettings(texts: Readonly<Record<string, string>>): SettingView[] {
  const defaults = defaultsOf()
  const own = Object.keys(defaults)
  const login = Object.keys(texts).filter(
    (name) => LOGIN_PROVIDER_SETTING_NAMES.includes(name) || isOidcSettingName(name),
  )
  return [...own, ...login.sort()].map((name) => {
    const text = texts[name]
    const isSecret = SECRET.test(name)
    const fallback = defaults[name] ?? null
    const state = text !== undefined ? 'set' : fallback !== null ? 'default' : 'unset'
    return { name, state, isSecret, value: isSecret ? null : (text ?? fallback) }
  })
}

/** The default of each setting as one would write it; null: none. */
function defaultsOf(): Record<string, string | null> {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.fromEntries(
    Object.entries(properties).map(([name, described]) => {
      const fallback = typeof described === 'object' ? described.default : undefined
      return [name, fallback === undefined || fallback === '' ? null : String(fallback)]
    }),
  )
}
