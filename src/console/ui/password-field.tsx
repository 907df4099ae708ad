import { useEffect, useState } from 'preact/hooks'
import { language } from '../lib/i18n.ts'
import { authWords } from '../pages/auth/words.ts'
import { Field } from './form.tsx'

type Judge = (password: string, owner: { username?: string; email?: string }) => string | null

let judge: Promise<Judge> | undefined

/** The server's own rules, loaded when somebody begins to type. */
function loadJudge(): Promise<Judge> {
  judge ??= import('./password-judge.ts').then(({ judgePassword }) => judgePassword)
  return judge
}

interface PasswordFieldProps {
  label: string
  value: string
  onInput: (value: string) => void
  owner?: { username?: string; email?: string }
  wrong?: string | undefined
}

/** A new password, with what the server will say about it while it is typed. */
export function PasswordField({ label, value, onInput, owner, wrong }: PasswordFieldProps) {
  const t = authWords()
  const [verdict, setVerdict] = useState<string | null | undefined>(undefined)
  const { username, email } = owner ?? {}
  useEffect(() => {
    if (value === '') return setVerdict(undefined)
    let isOld = false
    loadJudge().then(
      (check) => !isOld && setVerdict(check(value, { username, email })),
      () => undefined,
    )
    return () => {
      isOld = true
    }
  }, [value, username, email])
  const problem = verdict ? inLanguage(verdict) : null
  const isGood = verdict === null && value !== ''
  return (
    <Field
      label={label}
      name="new_password"
      type="password"
      autocomplete="new-password"
      required
      maxLength={256}
      value={value}
      onInput={onInput}
      wrong={wrong}
      hint={
        <span aria-live="polite" class={isGood ? 'good' : ''}>
          {isGood ? t.goodPassword : (problem ?? t.passwordHint)}
        </span>
      }
    />
  )
}

const CHINESE: [RegExp, string][] = [
  [/^Use at least (\d+) characters; this has (\d+)\./, '至少需要 $1 个字符，现在有 $2 个。'],
  [/^Use at most (\d+) characters\./, '最多 $1 个字符。'],
  [/^Use at least (\d+) different characters\./, '至少使用 $1 种不同的字符。'],
  [/^Do not repeat .*/, '不要重复相同的几个字符。'],
  [/^Do not use a row .*/, '不要使用连续的字母、数字或键盘按键。'],
  [/^This is one of the most common .*/, '这是最常见的密码之一，请换一个。'],
  [/^Do not build the password .*/, '密码不要由用户名或邮箱构成。'],
]

/** The rules speak English. */
function inLanguage(problem: string): string {
  if (language.value === 'en') return problem
  for (const [pattern, text] of CHINESE)
    if (pattern.test(problem)) return problem.replace(pattern, text)
  return problem
}
