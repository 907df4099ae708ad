import type { Stack } from '../stack/stack.ts'
import type { Demo } from './seed.ts'

const MODEL = 'gemini-3-pro-high'

/** What a person reads when everything runs: where it is, who they can be, and lines to paste. */
export function describe(stack: Stack, demo: Demo): string {
  const { url } = stack.worker
  return `
shared-accounts runs at ${url}

  Console           ${url}/login
  API description   ${url}/api/docs
  Administrator     ${demo.admin.username} / ${demo.admin.password}
  User              ${demo.user.username} / ${demo.user.password}
  API key           ${demo.apiKey}
  Plug-in API       ${stack.plugin ? `${stack.plugin.url} (a stand-in for development)` : stack.bindings.PLUGIN_API_BASE_URL}
  Mails             ${stack.mail ? stack.mail.url : 'go out as configured'}

curl:

  curl -N ${url}/v1/chat/completions \\
    -H "Authorization: Bearer ${demo.apiKey}" \\
    -H "Content-Type: application/json" \\
    -d '{"model": "${MODEL}", "stream": true, "messages": [{"role": "user", "content": "Hello!"}]}'

Python (pip install openai):

  from openai import OpenAI
  client = OpenAI(base_url="${url}/v1", api_key="${demo.apiKey}")
  for chunk in client.chat.completions.create(model="${MODEL}", stream=True, messages=[{"role": "user", "content": "Hello!"}]):
      print(chunk.choices[0].delta.content or "", end="", flush=True)

Node (npm install openai):

  import OpenAI from 'openai'
  const client = new OpenAI({ baseURL: '${url}/v1', apiKey: '${demo.apiKey}' })
  const stream = await client.chat.completions.create({ model: '${MODEL}', stream: true, messages: [{ role: 'user', content: 'Hello!' }] })
  for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? '')

Ctrl-C stops everything; the data stays. "npm run dev -- --fresh" starts over.
`
}
