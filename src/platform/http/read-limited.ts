/**
 * Reads a whole body as text, but never more than a limit.
 *
 * @throws {Error} when the body is larger, or breaks off
 */
export async function readLimited(source: Request | Response, maxBytes: number): Promise<string> {
  if (!source.body) return ''
  const declared = Number(source.headers.get('content-length') ?? 0)
  if (declared > maxBytes) {
    await source.body.cancel()
    throw new Error(`the body has more than ${maxBytes} bytes`)
  }
  // Its length is a promise that HTTP holds the sender to: no need to count along.
  if (declared > 0 && !source.headers.has('content-encoding')) return source.text()
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
