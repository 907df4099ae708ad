/** What people copy from a vendor's page although it is the address of one call. */
const CALLS = /\/(chat\/completions|models|completions|responses)\/?$/

/**
 * Where a call goes. A base URL that has a path is used as the vendor prints it, as in every OpenAI
 * SDK (`/api/paas/v4`, `/v1beta/openai/`); one that has none gets `/v1`. A query (Azure's
 * `api-version`) stays behind the path.
 *
 * @param path of the call in OpenAI's own API, `/v1/…`
 */
export function addressOf(baseUrl: string, path: string): string {
  const url = new URL(baseUrl)
  // Whoever names a call has said where the others are: some vendors' have no `/v1`.
  const isCall = CALLS.test(url.pathname)
  const base = url.pathname.replace(CALLS, '').replace(/\/+$/, '')
  url.pathname = `${base || (isCall ? '' : '/v1')}${path.replace(/^\/v1(?=\/)/, '')}`
  return url.href
}

/** Azure takes its keys in a header of its own, beside or instead of a Bearer. */
export function keyHeaders(baseUrl: string, key: string | undefined): Record<string, string> {
  if (!key) return {}
  const isAzure = new URL(baseUrl).searchParams.has('api-version')
  return { authorization: `Bearer ${key}`, ...(isAzure && { 'api-key': key }) }
}
