import type { KeptMail } from './outbox.ts'

const STYLE = `
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5 }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  article { border: 1px solid #8884; border-radius: 8px; padding: .75rem 1rem; margin: 1rem 0 }
  h2 { margin: 0; font-size: 1.05rem } time, .to { opacity: .7; font-size: .9rem }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0 }`

/** A page for people: every mail with its text, whose links can be clicked, and its HTML one click away. */
export function outboxPage(mails: readonly KeptMail[]): string {
  const list = mails.map(article).join('') || '<p>No mail has been sent yet.</p>'
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<title>Mail outbox</title><style>${STYLE}</style></head><body><h1>Mail outbox</h1>
<p>Mails that the Worker on this machine has sent. They go nowhere else.</p>${list}</body></html>`
}

function article(mail: KeptMail): string {
  const links = escapeHtml(mail.text).replace(
    /https?:\/\/[^\s<]+/g,
    (link) => `<a href="${link}">${link}</a>`,
  )
  return `<article><h2>${escapeHtml(mail.subject)}</h2>
<p class="to">to ${escapeHtml(mail.to.join(', '))} · <time>${mail.at}</time> · <a href="/messages/${mail.id}.html">as HTML</a></p>
<pre>${links}</pre></article>`
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
