import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { texts } from '../../lib/i18n.ts'
import { mailToken } from '../../lib/mail-token.ts'
import { outdated } from '../../lib/queries.ts'
import { Field, Form, useWork } from '../../ui/form.tsx'
import { PasswordField } from '../../ui/password-field.tsx'
import { Alone } from '../../ui/shell.tsx'
import { authWords } from './words.ts'

const words = texts({
  en: {
    cut: 'This link is not complete. Open it from the mail again.',
    toLogin: 'To the sign-in page',
    'verify-email': {
      title: 'Confirm your e-mail address',
      body: 'Press the button to confirm that the mail reached you.',
      action: 'Confirm',
      done: 'Your address is confirmed.',
    },
    'confirm-email': {
      title: 'Agree to the new e-mail address',
      body: 'The address changes when both mailboxes have agreed.',
      action: 'Agree',
      done: 'Thank you. The address changes as soon as both mailboxes have agreed.',
    },
    'reset-password': {
      title: 'Choose a new password',
      body: 'All your devices will have to sign in again.',
      action: 'Change the password',
      done: 'The password is changed. Sign in with it.',
    },
    'forgot-password': {
      title: 'Forgotten your password?',
      body: 'We send a link to choose a new one.',
      action: 'Send the link',
      done: 'If the account has an address, a mail is on its way.',
    },
  },
  zh: {
    cut: '链接不完整，请从邮件中重新打开。',
    toLogin: '前往登录',
    'verify-email': {
      title: '确认邮箱地址',
      body: '点击按钮，确认您收到了邮件。',
      action: '确认',
      done: '邮箱地址已确认。',
    },
    'confirm-email': {
      title: '同意更换邮箱地址',
      body: '新旧两个邮箱都同意后，地址才会更换。',
      action: '同意',
      done: '谢谢。两个邮箱都同意后，地址即会更换。',
    },
    'reset-password': {
      title: '设置新密码',
      body: '您的所有设备都需要重新登录。',
      action: '更改密码',
      done: '密码已更改，请用新密码登录。',
    },
    'forgot-password': {
      title: '忘记密码了？',
      body: '我们会发送一个链接，用来设置新密码。',
      action: '发送链接',
      done: '如果该账号有邮箱，邮件已在路上。',
    },
  },
})

type Kind = 'verify-email' | 'confirm-email' | 'reset-password' | 'forgot-password'

/** What a link in a mail leads to. Nothing happens before the button is pressed: mail scanners open links. */
export function MailLink({ kind }: { kind: Kind }) {
  const t = words()
  const own = t[kind]
  const auth = authWords()
  const token = mailToken
  const [value, setValue] = useState('')
  const [isDone, setDone] = useState(false)
  const work = useWork(async () => {
    const as = { as: 'public' } as const
    if (kind === 'forgot-password')
      await call('post', '/api/auth/forgot-password', { body: { email: value } }, as)
    else if (kind === 'reset-password')
      await call('post', '/api/auth/reset-password', { body: { token, new_password: value } }, as)
    else if (kind === 'verify-email')
      await call('post', '/api/auth/verify-email', { body: { token } }, as)
    else await call('post', '/api/auth/confirm-email', { body: { token } }, as)
    await outdated('/api/auth/me')
    setDone(true)
  })
  const isCut = kind !== 'forgot-password' && token === ''
  if (isDone)
    return (
      <Alone title={own.title}>
        <p class="note good" role="status">
          {own.done}
        </p>
        <a class="button block" href="/login">
          {t.toLogin}
        </a>
      </Alone>
    )
  return (
    <Alone title={own.title}>
      <p class="muted">{own.body}</p>
      {isCut && (
        <p class="note warn" role="alert">
          {t.cut}
        </p>
      )}
      <Form
        work={work}
        submit={own.action}
        isBlock
        isDisabled={isCut}
        fields={['new_password', 'email']}
      >
        {kind === 'forgot-password' && (
          <Field
            label={auth.name}
            name="email"
            autocomplete="username"
            required
            value={value}
            onInput={setValue}
            wrong={work.failure?.fields.email}
          />
        )}
        {kind === 'reset-password' && (
          <PasswordField
            label={auth.newPassword}
            value={value}
            onInput={setValue}
            wrong={work.failure?.fields.new_password}
          />
        )}
      </Form>
    </Alone>
  )
}
