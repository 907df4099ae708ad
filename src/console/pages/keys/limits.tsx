import { Field } from '../../ui/form.tsx'
import { common } from '../../ui/words.ts'
import type { Key } from './key.ts'
import { keyWords } from './words.ts'

/** What a key is held to, as it stands in a form: all text. */
export interface Limits {
  models: string
  perMinute: string
  perDay: string
  perMonth: string
  expires: string
}

export const NO_LIMITS: Limits = {
  models: '',
  perMinute: '',
  perDay: '',
  perMonth: '',
  expires: '',
}

export function limitsOf(key: Key): Limits {
  return {
    models: key.models?.join(', ') ?? '',
    perMinute: String(key.requests_per_minute ?? ''),
    perDay: String(key.quota_per_day ?? ''),
    perMonth: String(key.quota_per_month ?? ''),
    expires: key.expires_at ? toLocal(key.expires_at) : '',
  }
}

/** As the API takes it; null: no limit. */
export function toBody(limits: Limits) {
  const models = limits.models
    .split(/[,\s，]+/)
    .map((name) => name.trim())
    .filter(Boolean)
  const number = (text: string) => (text === '' ? null : Number(text))
  return {
    models: models.length > 0 ? models : null,
    requests_per_minute: number(limits.perMinute),
    quota_per_day: number(limits.perDay),
    quota_per_month: number(limits.perMonth),
    expires_at: limits.expires === '' ? null : new Date(limits.expires).toISOString(),
  }
}

interface LimitFieldsProps {
  value: Limits
  onInput: (value: Limits) => void
  wrong: Record<string, string>
}

export const LIMIT_FIELDS = [
  'models',
  'requests_per_minute',
  'quota_per_day',
  'quota_per_month',
  'expires_at',
] as const

export function LimitFields({ value, onInput, wrong }: LimitFieldsProps) {
  const t = keyWords()
  const set = (name: keyof Limits) => (text: string) => onInput({ ...value, [name]: text })
  const none = common().optional
  return (
    <div class="stack">
      <Field
        label={t.models}
        hint={t.modelsHint}
        value={value.models}
        onInput={set('models')}
        wrong={wrong.models}
        spellcheck={false}
      />
      <div class="grid narrow">
        <Field
          label={t.perMinute}
          type="number"
          min={1}
          step={1}
          placeholder={none}
          value={value.perMinute}
          onInput={set('perMinute')}
          wrong={wrong.requests_per_minute}
        />
        <Field
          label={t.perDay}
          type="number"
          min={0}
          step="any"
          placeholder={none}
          value={value.perDay}
          onInput={set('perDay')}
          wrong={wrong.quota_per_day}
        />
        <Field
          label={t.perMonth}
          type="number"
          min={0}
          step="any"
          placeholder={none}
          value={value.perMonth}
          onInput={set('perMonth')}
          wrong={wrong.quota_per_month}
        />
        <Field
          label={t.expires}
          type="datetime-local"
          value={value.expires}
          onInput={set('expires')}
          wrong={wrong.expires_at}
        />
      </div>
    </div>
  )
}

/** As `datetime-local` has it. */
function toLocal(iso: string): string {
  const at = new Date(iso)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
