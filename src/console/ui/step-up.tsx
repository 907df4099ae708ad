import { signal } from '@preact/signals'
import { useState } from 'preact/hooks'
import { asFailure, Failure } from '../lib/failure.ts'
import { texts } from '../lib/i18n.ts'
import { useGet } from '../lib/queries.ts'
import { Dialog } from './feedback.tsx'
import { Field, Form, useWork } from './form.tsx'
import { common } from './words.ts'

/** What proves that it is still the same person. */
export interface Proof {
  password?: string
  code?: string
}

const words = texts({
  en: {
    title: 'Confirm that it is you',
    body: 'This changes how one gets into your account.',
    password: 'Password',
    code: 'Code from your authenticator app',
    confirm: 'Confirm',
    cancelled: 'Nothing was changed.',
  },
  zh: {
    title: '请确认是您本人',
    body: '此操作会改变账号的登录方式。',
    password: '密码',
    code: '验证器应用中的验证码',
    confirm: '确认',
    cancelled: '未作任何更改。',
  },
})

interface Asked {
  run: (proof: Proof) => Promise<unknown>
  end: (failure: Failure | null) => void
}

const asked = signal<Asked | null>(null)

/**
 * Does something that needs a proof: as it is where the sign-in is recent, else after asking for the
 * password and, where there is one, a code.
 *
 * @throws {Failure} as the work does, or `cancelled`
 */
export async function withProof(run: (proof: Proof) => Promise<unknown>): Promise<void> {
  try {
    await run({})
    return
  } catch (error) {
    if (asFailure(error).code !== 'step_up_required') throw error
  }
  await new Promise<void>((resolve, reject) => {
    asked.value = { run, end: (failure) => (failure ? reject(failure) : resolve()) }
  })
}

/** Asks for the proof; part of every page. */
export function StepUp() {
  const question = asked.value
  return question ? <Question key="question" asked={question} /> : null
}

function Question({ asked: { run, end } }: { asked: Asked }) {
  const t = words()
  const factor = useGet('/api/auth/mfa').data
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const close = (failure: Failure | null) => {
    asked.value = null
    end(failure)
  }
  const work = useWork(async () => {
    await run({ password, ...(code && { code: code.replaceAll(/\s/g, '') }) })
    close(null)
  })
  const cancel = () => close(new Failure(0, 'cancelled', t.cancelled))
  return (
    <Dialog title={t.title} onClose={() => asked.value && cancel()}>
      <p class="muted">{t.body}</p>
      <Form
        work={work}
        submit={t.confirm}
        beside={
          <button type="button" class="button" onClick={cancel}>
            {common().cancel}
          </button>
        }
      >
        <Field
          label={t.password}
          type="password"
          autocomplete="current-password"
          required
          autofocus
          value={password}
          onInput={setPassword}
        />
        {factor?.enabled && (
          <Field
            label={t.code}
            inputMode="numeric"
            autocomplete="one-time-code"
            required
            value={code}
            onInput={setCode}
          />
        )}
      </Form>
    </Dialog>
  )
}
