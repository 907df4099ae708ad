/** Calls the JSON API of a running Worker. */
export async function callApi<Answer>(
  baseUrl: string,
  path: string,
  { token, body }: { token?: string; body?: unknown } = {},
): Promise<Answer> {
  const response = await fetch(baseUrl + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) {
    const detail =
      URL.canParse(baseUrl) && text.startsWith('{')
        ? (JSON.parse(text) as { detail?: string }).detail
        : text
    throw new Error(`${path} answered ${response.status}: ${detail}`)
  }
  return JSON.parse(text) as Answer
}
