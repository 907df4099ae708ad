import { html } from 'hono/html'
import { ACCOUNT_MARK } from '../account-mark.ts'

/** What `html` gives: everything in it that is not of the template is escaped. */
type Markup = ReturnType<typeof html>

/** A mail before its HTML frame. */
export interface Rendered {
  subject: string
  text: string
  body: Markup
}

const FONT = 'font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
const BODY = `margin: 0; padding: 24px; ${FONT}; font-size: 16px; line-height: 1.5`
const BUTTON =
  'display: inline-block; padding: 10px 20px; border-radius: 6px; background: #1f5fbf; color: #ffffff; text-decoration: none'

/** The HTML document around a mail's body: one column, no image, nothing that is loaded. */
export async function renderHtml(
  subject: string,
  body: Markup,
  publicUrl: string,
): Promise<string> {
  const document = await html`<!doctype html><html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${subject}</title>
</head>
<body style="${BODY}">
<div style="max-width: 560px; margin: 0 auto">
${body}
<p style="margin-top: 32px; font-size: 13px; opacity: 0.7">
Sent by shared-accounts at ${new URL(publicUrl).host}, about the account ${ACCOUNT_MARK}.
</p>
</div>
</body>
</html>`
  return document.toString()
}

/** The one thing to do, and the same as text for programs that show no buttons. */
export function action(href: string, label: string): Markup {
  return html`<p><a href="${href}" style="${BUTTON}">${label}</a></p>
<p style="font-size: 13px; word-break: break-all">${href}</p>`
}
