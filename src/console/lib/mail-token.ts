/**
 * The one-time token that a link in a mail carries, or an empty text. It stands behind the `#`, so that
 * it reaches neither logs nor other servers, and leaves the address bar before anything is drawn.
 */
export const mailToken = takeToken()

function takeToken(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return ''
  history.replaceState(null, '', location.pathname)
  return token
}
