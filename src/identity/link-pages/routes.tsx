import { Hono } from 'hono'
import type { AppEnv } from '../../app-env.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { type MailLink, MailLinkPage } from './mail-link-page.tsx'

const NONCE_BYTES = 16

const LINKS: Record<string, MailLink> = {
  '/verify-email': {
    title: 'Confirm your e-mail address',
    explanation: 'Press the button to confirm that the mail reached you.',
    action: 'Confirm',
    call: '/api/auth/verify-email',
    hasToken: true,
  },
  '/confirm-email': {
    title: 'Agree to the new e-mail address',
    explanation: 'The address changes when both mailboxes have agreed.',
    action: 'Agree',
    call: '/api/auth/confirm-email',
    hasToken: true,
  },
  '/reset-password': {
    title: 'Choose a new password',
    explanation: 'All your devices will have to sign in again.',
    action: 'Change the password',
    call: '/api/auth/reset-password',
    hasToken: true,
    field: {
      name: 'new_password',
      label: 'New password',
      type: 'password',
      autocomplete: 'new-password',
      minlength: 8,
      maxlength: 256,
    },
  },
  '/forgot-password': {
    title: 'Forgotten your password?',
    explanation: 'We send a link to choose a new one.',
    action: 'Send the link',
    call: '/api/auth/forgot-password',
    hasToken: false,
    field: {
      name: 'email',
      label: 'E-mail address or user name',
      type: 'text',
      autocomplete: 'username',
      maxlength: 320,
    },
  },
}

/** The pages that links in our mails lead to. */
export function pageRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  for (const [path, link] of Object.entries(LINKS)) {
    app.get(path, (c) => {
      const nonce = toBase64Url(c.get('ctx').random.bytes(NONCE_BYTES))
      return c.html(
        `<!doctype html>${(<MailLinkPage link={link} nonce={nonce} />).toString()}`,
        200,
        {
          'content-security-policy': policy(nonce),
          'cache-control': 'no-store',
        },
      )
    })
  }
  return app
}

function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
