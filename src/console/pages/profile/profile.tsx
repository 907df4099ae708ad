import { useState } from 'preact/hooks'
import { type Answer, call } from '../../lib/api.ts'
import { moment } from '../../lib/format.ts'
import { outdated, useGet } from '../../lib/queries.ts'
import { saveText } from '../../lib/save.ts'
import { sessionEnded } from '../../lib/session.ts'
import { confirm, Load, Problem, say } from '../../ui/feedback.tsx'
import { Check, Field, Form, useWork } from '../../ui/form.tsx'
import { PasswordField } from '../../ui/password-field.tsx'
import { Page } from '../../ui/shell.tsx'
import { withProof } from '../../ui/step-up.tsx'
import { common } from '../../ui/words.ts'
import { Applications } from './applications.tsx'
import { Devices, Events } from './devices.tsx'
import { Providers } from './providers.tsx'
import { SecondFactor } from './second-factor.tsx'
import { profileWords } from './words.ts'

type Me = Answer<'/api/users/me', 'get'>

/** Everything that a person may change about their own account. */
export function Profile() {
  const t = profileWords()
  const me = useGet('/api/users/me')
  return (
    <Page title={t.title}>
      <Load from={me} lines={6}>
        {(person) => (
          <>
            <About me={person} />
            <Address me={person} />
            <Password me={person} />
            <SecondFactor />
            <Providers />
            <Applications />
            <Devices />
            <Events />
            <Data />
          </>
        )}
      </Load>
    </Page>
  )
}

function About({ me }: { me: Me }) {
  const t = profileWords()
  const [username, setUsername] = useState(me.username)
  const [avatar, setAvatar] = useState(me.avatar_url ?? '')
  const [mails, setMails] = useState(me.quota_mails)
  const work = useWork(async () => {
    await call('put', '/api/users/me', {
      body: {
        ...(username !== me.username && { username }),
        avatar_url: avatar === '' ? null : avatar,
        quota_mails: mails,
      },
    })
    await outdated('/api/users/me', '/api/auth/me')
    say(common().saved)
  })
  const wrong = work.failure?.fields ?? {}
  return (
    <section class="card stack" aria-labelledby="about">
      <div class="row between">
        <h2 id="about">{t.about}</h2>
        <span class="small muted">
          {t.since(moment(me.created_at))} {t.level(me.trust_level)} · {common().roles[me.role]}
        </span>
      </div>
      <Form work={work} submit={common().save} fields={['username', 'avatar_url']}>
        <div class="grid">
          <Field
            label={t.userName}
            required
            minLength={3}
            maxLength={50}
            value={username}
            onInput={setUsername}
            wrong={wrong.username}
          />
          <Field
            label={t.avatar}
            type="url"
            pattern="https://.*"
            value={avatar}
            onInput={setAvatar}
            hint={t.avatarHint}
            wrong={wrong.avatar_url}
          />
        </div>
        <Check label={t.quotaMails} checked={mails} onChange={setMails} />
      </Form>
    </section>
  )
}

function Address({ me }: { me: Me }) {
  const t = profileWords()
  const [email, setEmail] = useState('')
  const work = useWork(async () => {
    await withProof((proof) =>
      call('post', '/api/auth/change-email', { body: { ...proof, new_email: email } }),
    )
    setEmail('')
    say(t.emailSent)
  })
  return (
    <section class="card stack" aria-labelledby="address">
      <h2 id="address">{t.email}</h2>
      {me.email === null ? (
        <p class="muted">{t.noEmail}</p>
      ) : (
        <p class="row">
          <span class="break">{me.email}</span>
          <span class={`badge ${me.is_verified ? 'good' : 'warn'}`}>
            {me.is_verified ? t.confirmed : t.unconfirmed}
          </span>
        </p>
      )}
      <Form work={work} submit={t.changeEmail} fields={['new_email']}>
        <Field
          label={t.newEmail}
          type="email"
          autocomplete="email"
          required
          value={email}
          onInput={setEmail}
          wrong={work.failure?.fields.new_email}
        />
      </Form>
    </section>
  )
}

function Password({ me }: { me: Me }) {
  const t = profileWords()
  const [old, setOld] = useState('')
  const [password, setPassword] = useState('')
  const work = useWork(async () => {
    await call('post', '/api/auth/change-password', {
      body: { old_password: old, new_password: password },
    })
    setOld('')
    setPassword('')
    await outdated('/api/auth/sessions')
    say(t.passwordChanged)
  })
  const owner = { username: me.username, ...(me.email && { email: me.email }) }
  return (
    <section class="card stack" aria-labelledby="password">
      <h2 id="password">{t.password}</h2>
      <Form work={work} submit={t.changePassword} fields={['new_password']}>
        <div class="grid">
          <Field
            label={t.oldPassword}
            type="password"
            autocomplete="current-password"
            required
            value={old}
            onInput={setOld}
          />
          <PasswordField
            label={t.newPassword}
            value={password}
            onInput={setPassword}
            owner={owner}
            wrong={work.failure?.fields.new_password}
          />
        </div>
      </Form>
    </section>
  )
}

function Data() {
  const t = profileWords()
  const save = useWork(async () => {
    const all = await call('get', '/api/users/me/export', {})
    saveText('shared-accounts.json', JSON.stringify(all, null, 2), 'application/json')
  })
  const remove = useWork(async () => {
    if (!(await confirm({ title: `${t.remove}?`, body: t.removeBody, action: t.remove }))) return
    await withProof((proof) => call('delete', '/api/users/me', { body: proof }))
    sessionEnded()
  })
  const failure = save.failure ?? remove.failure
  return (
    <section class="card stack" aria-labelledby="data">
      <div>
        <h2 id="data">{t.data}</h2>
        <p class="muted">{t.dataBody}</p>
      </div>
      {failure && <Problem failure={failure} />}
      <div class="row">
        <button type="button" class="button" aria-busy={save.isBusy} onClick={() => save.start()}>
          {t.export}
        </button>
        <button
          type="button"
          class="button danger"
          aria-busy={remove.isBusy}
          onClick={() => remove.start()}
        >
          {t.remove}
        </button>
      </div>
    </section>
  )
}
