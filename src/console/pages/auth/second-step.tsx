import { useEffect, useState } from 'preact/hooks'
import type { Answer } from '../../lib/api.ts'
import { call } from '../../lib/api.ts'
import { signedIn } from '../../lib/session.ts'
import { Problem } from '../../ui/feedback.tsx'
import { Field, Form, useWork } from '../../ui/form.tsx'
import { RecoveryCodes } from '../../ui/recovery-codes.tsx'
import { Alone } from '../../ui/shell.tsx'
import type { Pending } from './pending.ts'
import { authWords } from './words.ts'

interface StepProps {
  pending: Pending
  onAgain: () => void
}

/** The code from the app, or adding the app where the role needs one. */
export function SecondStep({ pending, onAgain }: StepProps) {
  return pending.mustEnrol ? (
    <Enrol pending={pending} onAgain={onAgain} />
  ) : (
    <Verify pending={pending} onAgain={onAgain} />
  )
}

function Verify({ pending, onAgain }: StepProps) {
  const t = authWords()
  const [hasApp, setHasApp] = useState(true)
  const [code, setCode] = useState('')
  const work = useWork(async () => {
    const proof = hasApp ? { code: code.replaceAll(/\s/g, '') } : { recovery_code: code.trim() }
    signedIn(
      await call(
        'post',
        '/api/auth/mfa/verify',
        { query: { useCookies: 'true' }, body: { mfa_token: pending.token, ...proof } },
        { as: 'public' },
      ),
    )
  })
  return (
    <Alone title={t.secondFactor}>
      <Form work={work} submit={t.goOn} isBlock>
        <Field
          key={String(hasApp)}
          label={hasApp ? t.code : t.recoveryCode}
          hint={hasApp ? t.codeHint : undefined}
          inputMode={hasApp ? 'numeric' : 'text'}
          autocomplete="one-time-code"
          required
          autofocus
          value={code}
          onInput={setCode}
        />
      </Form>
      <div class="row between">
        <button
          type="button"
          class="button quiet small"
          onClick={() => {
            setHasApp(!hasApp)
            setCode('')
          }}
        >
          {hasApp ? t.recovery : t.app}
        </button>
        <button type="button" class="button quiet small" onClick={onAgain}>
          {t.startOver}
        </button>
      </div>
    </Alone>
  )
}

function Enrol({ pending, onAgain }: StepProps) {
  const t = authWords()
  const [enrolment, setEnrolment] = useState<Answer<'/api/auth/mfa/enrol', 'post'> | null>(null)
  const [done, setDone] = useState<Answer<'/api/auth/mfa/enrol/confirm', 'post'> | null>(null)
  const [code, setCode] = useState('')
  const begin = useWork(async () =>
    setEnrolment(
      await call(
        'post',
        '/api/auth/mfa/enrol',
        { body: { mfa_token: pending.token } },
        { as: 'public' },
      ),
    ),
  )
  const work = useWork(async () =>
    setDone(
      await call(
        'post',
        '/api/auth/mfa/enrol/confirm',
        {
          query: { useCookies: 'true' },
          body: { mfa_token: pending.token, code: code.replaceAll(/\s/g, '') },
        },
        { as: 'public' },
      ),
    ),
  )
  useEffect(() => {
    void begin.start()
  }, [])

  if (done)
    return (
      <Alone title={t.codesTitle}>
        <RecoveryCodes codes={done.recovery_codes} />
        <button type="button" class="button primary block" onClick={() => signedIn(done)}>
          {t.kept}
        </button>
      </Alone>
    )
  return (
    <Alone title={t.enrol}>
      <p class="muted">{t.enrolWhy}</p>
      {begin.failure && <Problem failure={begin.failure} />}
      {enrolment && <Picture enrolment={enrolment} />}
      <Form work={work} submit={t.goOn} isBlock isDisabled={!enrolment}>
        <Field
          label={t.code}
          hint={t.codeHint}
          inputMode="numeric"
          autocomplete="one-time-code"
          required
          value={code}
          onInput={setCode}
        />
      </Form>
      <button type="button" class="button quiet small" onClick={onAgain}>
        {t.startOver}
      </button>
    </Alone>
  )
}

/** The secret as a picture, and in letters for those without a camera. */
export function Picture({ enrolment }: { enrolment: { qr_svg: string; secret: string } }) {
  const t = authWords()
  return (
    <div class="stack">
      <img
        class="qr"
        src={`data:image/svg+xml,${encodeURIComponent(enrolment.qr_svg)}`}
        alt={t.qr}
        width="190"
        height="190"
      />
      <p class="small">
        {t.secret} <code class="break">{enrolment.secret}</code>
      </p>
    </div>
  )
}
