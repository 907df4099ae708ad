/**
 * Reads a whole body as text, but never more than a limit.
 *
 * @throws {Error} when the body is larger, or breaks off
 */
export async function readLimited(source: Request | Response, maxBytes: number): Promise<string> {
  const { headers } = source
  const declared = Number(headers.get('content-length') ?? 0)
  // Its length is a promise that HTTP holds the sender to: no need to count along.
  const isPromised = declared > 0 && declared <= maxBytes && !headers.has('content-encoding')
  if (isPromised) return source.text()
  if (!source.body) return ''
  if (declared > maxBytes) {
    await source.body.cancel()
    throw new Error(`the body has more than ${maxBytes} bytes`)
  }
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  const reader = (source.body as ReadableStream<Uint8Array>).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > maxBytes) {
      await reader.cancel()
      throw new Error(`the body has more than ${maxBytes} bytes`)
    }
    text += decoder.decode(value, { stream: true })
  }
}
