import type { paths } from '../../api/schema'

/** Name of each client, and the path that it calls: one that the description has. */
const ALL_CLIENTS = {
  curl: ['curl', '/v1/chat/completions'],
  python: ['OpenAI SDK for Python', '/v1/chat/completions'],
  node: ['OpenAI SDK for Node.js', '/v1/chat/completions'],
  claude: ['Claude Code', '/v1/messages'],
  codex: ['Codex CLI', '/v1/responses'],
  gemini: ['Gemini CLI', '/v1beta/models/{target}'],
  cline: ['Cline', '/v1/chat/completions'],
  cherry: ['Cherry Studio', '/v1/chat/completions'],
  openwebui: ['Open WebUI', '/v1/chat/completions'],
  nextchat: ['NextChat', '/v1/chat/completions'],
} as const satisfies Record<string, readonly [name: string, path: keyof paths]>

export type ClientId = keyof typeof ALL_CLIENTS

/** Id and name of every client. */
export const CLIENTS = Object.fromEntries(
  Object.entries(ALL_CLIENTS).map(([id, [name]]) => [id, name]),
) as Record<ClientId, string>

const MODEL = 'gemini-3-pro-high'

interface Settings {
  /** Where it belongs: a file, a terminal, a dialog. */
  where: string
  text: string
}

/**
 * @param origin where the service is, without a slash at the end
 * @param key an API key, or what stands for one
 */
export function settingsFor(client: ClientId, origin: string, key: string): Settings {
  const base = `${origin}/v1`
  switch (client) {
    case 'curl':
      return {
        where: '',
        text: `curl -N ${base}/chat/completions \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "${MODEL}", "stream": true, "messages": [{"role": "user", "content": "Hello!"}]}'`,
      }
    case 'python':
      return {
        where: 'pip install openai',
        text: `from openai import OpenAI

client = OpenAI(base_url="${base}", api_key="${key}")
stream = client.chat.completions.create(
    model="${MODEL}",
    messages=[{"role": "user", "content": "Hello!"}],
    stream=True,
)
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)`,
      }
    case 'node':
      return {
        where: 'npm install openai',
        text: `import OpenAI from 'openai'

const client = new OpenAI({ baseURL: '${base}', apiKey: '${key}' })
const stream = await client.chat.completions.create({
  model: '${MODEL}',
  messages: [{ role: 'user', content: 'Hello!' }],
  stream: true,
})
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? '')`,
      }
    case 'claude':
      return {
        where: '',
        text: `export ANTHROPIC_BASE_URL=${origin}
export ANTHROPIC_AUTH_TOKEN=${key}
export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1
claude --model ${MODEL}`,
      }
    case 'codex':
      return {
        where: '~/.codex/config.toml; export SHARED_ACCOUNTS_KEY=…',
        text: `model = "${MODEL}"
model_provider = "shared-accounts"

[model_providers.shared-accounts]
name = "shared-accounts"
base_url = "${base}"
env_key = "SHARED_ACCOUNTS_KEY"
wire_api = "responses"

# export SHARED_ACCOUNTS_KEY=${key}`,
      }
    case 'gemini':
      return {
        where: '',
        text: `export GOOGLE_GEMINI_BASE_URL=${origin}
export GEMINI_API_KEY=${key}
gemini -m ${MODEL}`,
      }
    case 'cline':
      return {
        where: 'Cline: Settings → API Provider → OpenAI Compatible',
        text: `Base URL: ${base}\nAPI Key: ${key}\nModel ID: ${MODEL}`,
      }
    case 'cherry':
      return {
        where: 'Cherry Studio: Settings → Model Provider → Add → OpenAI',
        text: `API Host: ${origin}\nAPI Key: ${key}\nModel ID: ${MODEL}`,
      }
    case 'openwebui':
      return {
        where: 'Open WebUI: Admin Settings → Connections → OpenAI API',
        text: `URL: ${base}\nKey: ${key}`,
      }
    case 'nextchat':
      return {
        where: 'NextChat: Settings → Custom Endpoint',
        text: `OpenAI Endpoint: ${origin}\nOpenAI API Key: ${key}\nCustom Models: ${MODEL}`,
      }
  }
}
