/**
 * Where a mail names the account that it is about. Mails are written before it is known who gets them,
 * or whether anybody does; the name is put in when they are sent.
 */
export const ACCOUNT_MARK = '%ACCOUNT%'

interface Content {
  subject: string
  text: string
  html: string
}

/** Puts the account's name and age in; null: the account is gone, or there is none. */
export function nameAccount(
  { subject, text, html }: Content,
  account: { username: string; createdAt: Date } | null,
): Content {
  const words = account
    ? `"${account.username}", made on ${account.createdAt.toISOString().slice(0, 16).replace('T', ' at ')} UTC`
    : 'that was here'
  return {
    subject,
    text: text.replaceAll(ACCOUNT_MARK, () => words),
    html: html.replaceAll(ACCOUNT_MARK, () => escapeHtml(words)),
  }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
