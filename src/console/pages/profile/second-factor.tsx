import { useState } from 'preact/hooks'
import { type Answer, call } from '../../lib/api.ts'
import { outdated, useGet } from '../../lib/queries.ts'
import { confirm, Dialog, Load, Problem } from '../../ui/feedback.tsx'
import { Field, Form, useWork } from '../../ui/form.tsx'
import { RecoveryCodes } from '../../ui/recovery-codes.tsx'
import { withProof } from '../../ui/step-up.tsx'
import { Picture } from '../auth/second-step.tsx'
import { profileWords } from './words.ts'

type Enrolment = Answer<'/api/auth/mfa/totp', 'post'>

/** The authenticator app, and the codes for when it is out of reach. */
export function SecondFactor() {
  const t = profileWords()
  const status = useGet('/api/auth/mfa')
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const begin = useWork(() =>
    withProof(async (proof) =>
      setEnrolment(await call('post', '/api/auth/mfa/totp', { body: proof })),
    ),
  )
  const renew = useWork(async () => {
    if (!(await confirm({ title: `${t.newCodes}?`, body: t.newCodesBody, action: t.newCodes })))
      return
    await withProof(async (proof) => {
      const { recovery_codes } = await call('post', '/api/auth/mfa/recovery-codes', { body: proof })
      setCodes(recovery_codes)
    })
    await outdated('/api/auth/mfa')
  })
  const remove = useWork(async () => {
    if (!(await confirm({ title: `${t.removeApp}?`, body: t.removeAppBody, action: t.removeApp })))
      return
    await withProof((proof) => call('post', '/api/auth/mfa/disable', { body: proof }))
    await outdated('/api/auth/mfa')
  })
  const failure = [begin, renew, remove].map((work) => work.failure).find(Boolean)
  return (
    <section class="card stack" aria-labelledby="factor">
      <h2 id="factor">{t.factor}</h2>
      <Load from={status} lines={1}>
        {({ enabled, recovery_codes_left }) => (
          <>
            <p class="muted">{enabled ? t.factorOn(recovery_codes_left) : t.factorOff}</p>
            {failure && failure.code !== 'cancelled' && <Problem failure={failure} />}
            <div class="row">
              {enabled ? (
                <>
                  <button type="button" class="button" onClick={() => renew.start()}>
                    {t.newCodes}
                  </button>
                  <button type="button" class="button danger" onClick={() => remove.start()}>
                    {t.removeApp}
                  </button>
                </>
              ) : (
                <button type="button" class="button" onClick={() => begin.start()}>
                  {t.addApp}
                </button>
              )}
            </div>
          </>
        )}
      </Load>
      {enrolment && (
        <Enrol
          enrolment={enrolment}
          onClose={() => setEnrolment(null)}
          onDone={(fresh) => {
            setEnrolment(null)
            setCodes(fresh)
          }}
        />
      )}
      {codes && (
        <Dialog title={t.codes} onClose={() => setCodes(null)}>
          <RecoveryCodes codes={codes} />
          <div class="row end">
            <button type="button" class="button primary" onClick={() => setCodes(null)}>
              {t.kept}
            </button>
          </div>
        </Dialog>
      )}
    </section>
  )
}

interface EnrolProps {
  enrolment: Enrolment
  onClose: () => void
  onDone: (codes: readonly string[]) => void
}

function Enrol({ enrolment, onClose, onDone }: EnrolProps) {
  const t = profileWords()
  const [code, setCode] = useState('')
  const work = useWork(async () => {
    const { recovery_codes } = await call('post', '/api/auth/mfa/totp/confirm', {
      body: { code: code.replaceAll(/\s/g, '') },
    })
    await outdated('/api/auth/mfa')
    onDone(recovery_codes)
  })
  return (
    <Dialog title={t.addApp} onClose={onClose}>
      <p class="muted">{t.scan}</p>
      <Picture enrolment={enrolment} />
      <Form work={work} submit={t.confirm}>
        <Field
          label={t.code}
          inputMode="numeric"
          autocomplete="one-time-code"
          required
          value={code}
          onInput={setCode}
        />
      </Form>
    </Dialog>
  )
}
