import { stack, waitFor } from './stack.ts'

/** A mail in the local stack's outbox. */
export interface ReceivedMail {
  to: string[]
  from: string
  subject: string
  text: string
  html: string
}

/** The mails to one address, newest first. */
export async function mailsTo(address: string): Promise<ReceivedMail[]> {
  const response = await fetch(`${stack.mailUrl}/messages?to=${encodeURIComponent(address)}`)
  return (await response.json()) as ReceivedMail[]
}

/** Waits for a mail to an address whose subject says so. */
export async function mailTo(address: string, subject: RegExp): Promise<ReceivedMail> {
  let found: ReceivedMail | undefined
  await waitFor(async () => {
    found = (await mailsTo(address)).find((mail) => subject.test(mail.subject))
    return found !== undefined
  })
  if (!found) throw new Error('no mail')
  return found
}

/** The one-time token in a mail's link. */
export function tokenIn(mail: ReceivedMail): string {
  const token = /#token=([\w-]+)/.exec(mail.text)?.[1]
  if (!token) throw new Error(`no token in "${mail.subject}"`)
  return token
}
