import { Layout } from './layout.tsx'

/** What a link in a mail leads to: the page hands the link's token to one call of the API. */
export interface MailLink {
  title: string
  explanation: string
  /** What the button says. */
  action: string
  /** The call below the Worker's own origin. */
  call: string
  /** Whether the link carries a token that the call needs. */
  hasToken: boolean
  field?: PageField
}

/** What the person has to fill in; `name` is the field's name in the call's body. */
interface PageField {
  name: 'new_password' | 'email'
  label: string
  type: 'password' | 'text'
  autocomplete: string
  minlength?: number
  maxlength: number
}

/**
 * The token stands behind `#`, so that it reaches neither logs nor other servers, and leaves the
 * address bar at once. Nothing happens before the button is pressed: mail scanners open links.
 */
const script = ({ call, hasToken }: MailLink) => `
const token = new URLSearchParams(location.hash.slice(1)).get('token')
history.replaceState(null, '', location.pathname)
const form = document.querySelector('form')
const status = document.querySelector('[role=status]')
const button = form.querySelector('button')
if (${hasToken} && !token) {
  button.disabled = true
  status.textContent = 'This link is not complete. Open it from the mail again.'
}
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  button.disabled = true
  status.textContent = ''
  try {
    const response = await fetch('${call}', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...(token && { token }), ...Object.fromEntries(new FormData(form)) }),
    })
    const answer = await response.json()
    if (response.ok) { form.hidden = true; status.textContent = answer.message; return }
    const [problem] = answer.errors ?? []
    status.textContent = problem ? problem.message : answer.detail
  } catch {
    status.textContent = 'The server could not be reached. Try again in a moment.'
  }
  button.disabled = false
})`

export function MailLinkPage({ link, nonce }: { link: MailLink; nonce: string }) {
  const { field } = link
  return (
    <Layout title={link.title} nonce={nonce} script={script(link)}>
      <p>{link.explanation}</p>
      <form>
        {field && (
          <>
            <label for={field.name}>{field.label}</label>
            <input
              id={field.name}
              name={field.name}
              type={field.type}
              autocomplete={field.autocomplete}
              minlength={field.minlength}
              maxlength={field.maxlength}
              required
            />
          </>
        )}
        <button type="submit">{link.action}</button>
      </form>
    </Layout>
  )
}
