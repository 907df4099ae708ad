/** Reads the data of server-sent events as they come, whatever the line endings. */
export async function* readEvents(answer: Response): AsyncGenerator<string> {
  if (!answer.body) return
  const decoder = new TextDecoder()
  let rest = ''
  let data: string[] = []
  for await (const bytes of answer.body) {
    rest += decoder.decode(bytes, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const ended of lines) {
      const line = ended.endsWith('\r') ? ended.slice(0, -1) : ended
      if (line === '') {
        if (data.length > 0) yield data.join('\n')
        data = []
      } else if (line.startsWith('data:')) {
        data.push(line.slice(line.startsWith('data: ') ? 6 : 5))
      }
    }
  }
}
