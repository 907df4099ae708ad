import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { ChatAnthropic } from '@langchain/anthropic'
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import {
  AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  ToolMessage,
} from '@langchain/core/messages'
import { ChatGoogleGenerativeAI } from '@langchain/google-genai'
import { ChatOpenAI } from '@langchain/openai'
import {
  generateText,
  jsonSchema,
  type LanguageModel,
  Output,
  streamText,
  type ToolSet,
  tool,
} from 'ai'

export interface Asked {
  prompt: string
  stream?: boolean
  picture?: string
  signal?: AbortSignal
}

export interface Heard {
  text: string
  calls: unknown[]
}

/** Its library rejects a promise of a broken stream that nobody holds. */
export const CARELESS = 'LangChain, Google'

/** One SDK in front of one face, asked for what every one of them can do. */
export interface Sdk {
  name: string
  ask(at: Place, asked: Asked): Promise<Heard>
  /** Calls two tools at once, says what they gave, and hears the answer. */
  work(at: Place, prompt: string): Promise<string>
  /** An object by a schema. */
  object(at: Place, prompt: string): Promise<unknown>
}

export interface Place {
  url: string
  key: string
}

const MODEL = 'm'
const SCHEMA = {
  type: 'object' as const,
  properties: { color: { type: 'string' as const } },
  required: ['color'],
  additionalProperties: false,
}
const LOOK = {
  name: 'look',
  description: 'Looks',
  schema: { type: 'object', properties: { at: { type: 'string' } } },
} as const

function langChain(name: string, model: (at: Place) => BaseChatModel, method = 'jsonSchema'): Sdk {
  const withTools = (at: Place) => {
    const made = model(at)
    const bound = made.bindTools?.([LOOK])
    if (!bound) throw new Error('takes no tools')
    return bound
  }
  const heard = (message: AIMessageChunk): Heard => ({
    text: message.text,
    calls: (message.tool_calls ?? []).map(({ args }) => args),
  })
  return {
    name: `LangChain, ${name}`,
    async ask(at, { prompt, stream, picture, signal }) {
      const content = [
        { type: 'text' as const, text: prompt },
        ...(picture
          ? [{ type: 'image_url' as const, image_url: { url: `data:image/png;base64,${picture}` } }]
          : []),
      ]
      const messages = [new HumanMessage(picture ? { content } : prompt)]
      const options = signal ? { signal } : {}
      if (!stream) return heard((await withTools(at).invoke(messages, options)) as AIMessageChunk)
      let whole: AIMessageChunk | undefined
      for await (const chunk of await withTools(at).stream(messages, options)) {
        whole = whole ? whole.concat(chunk as AIMessageChunk) : (chunk as AIMessageChunk)
      }
      return heard(whole ?? new AIMessageChunk(''))
    },
    async work(at, prompt) {
      const messages: BaseMessage[] = [new HumanMessage(prompt)]
      for (let step = 0; step < 3; step++) {
        const answer = (await withTools(at).invoke(messages)) as AIMessageChunk
        messages.push(answer)
        if (!answer.tool_calls?.length) return answer.text
        for (const { id = '', name: called, args } of answer.tool_calls) {
          messages.push(
            new ToolMessage({ tool_call_id: id, name: called, content: `seen ${args.at}` }),
          )
        }
      }
      return ''
    },
    object: (at, prompt) =>
      model(at)
        .withStructuredOutput(SCHEMA, { method: method as 'jsonSchema', name: 'answer' })
        .invoke(prompt),
  }
}

function vercel(name: string, model: (at: Place) => LanguageModel): Sdk {
  // Without them the default of OpenAI's refers to what nobody keeps.
  const providerOptions = { openai: { store: false } }
  const look = tool({
    description: 'Looks',
    inputSchema: jsonSchema<{ at: string }>(LOOK.schema),
    execute: async ({ at }) => `seen ${at}`,
  })
  const declared: ToolSet = {
    look: { description: 'Looks', inputSchema: jsonSchema(LOOK.schema) },
  }
  return {
    name: `Vercel, ${name}`,
    async ask(at, { prompt, stream, picture, signal }) {
      const asked = {
        model: model(at),
        maxRetries: 0,
        providerOptions,
        tools: declared,
        messages: [
          {
            role: 'user' as const,
            content: [
              { type: 'text' as const, text: prompt },
              ...(picture
                ? [{ type: 'file' as const, data: picture, mediaType: 'image/png' }]
                : []),
            ],
          },
        ],
        ...(signal && { abortSignal: signal }),
      }
      if (!stream) {
        const { text, toolCalls } = await generateText(asked)
        return { text, calls: toolCalls.map(({ input }) => input as unknown) }
      }
      const heard: Heard = { text: '', calls: [] }
      for await (const part of streamText({ ...asked, onError: () => undefined }).fullStream) {
        if (part.type === 'text-delta') heard.text += part.text
        else if (part.type === 'tool-call') heard.calls.push(part.input)
        else if (part.type === 'error') throw part.error
        else if (part.type === 'abort') throw new DOMException('aborted', 'AbortError')
      }
      return heard
    },
    async work(at, prompt) {
      const { text } = await generateText({
        model: model(at),
        maxRetries: 0,
        providerOptions,
        prompt,
        tools: { look },
        stopWhen: ({ steps }) => steps.length >= 3,
      })
      return text
    },
    async object(at, prompt) {
      const { output } = await generateText({
        model: model(at),
        maxRetries: 0,
        providerOptions,
        prompt,
        output: Output.object({ schema: jsonSchema<{ color: string }>(SCHEMA) }),
      })
      return output
    },
  }
}

const openAI = (useResponsesApi: boolean) => (at: Place) =>
  new ChatOpenAI({
    apiKey: at.key,
    model: MODEL,
    maxRetries: 0,
    useResponsesApi,
    ...(useResponsesApi && { zdrEnabled: true }),
    configuration: { baseURL: `${at.url}/v1` },
  })

export const SDKS: readonly Sdk[] = [
  langChain('OpenAI', openAI(false)),
  langChain('OpenAI by Responses', openAI(true)),
  langChain(
    'Anthropic',
    (at) =>
      new ChatAnthropic({
        apiKey: at.key,
        model: MODEL,
        maxRetries: 0,
        maxTokens: 99,
        anthropicApiUrl: at.url,
      }),
  ),
  langChain(
    'Google',
    (at) =>
      new ChatGoogleGenerativeAI({
        apiKey: at.key,
        // Of others it believes that they see nothing.
        model: 'gemini-2.5-pro',
        maxRetries: 0,
        baseUrl: at.url,
      }),
  ),
  vercel('OpenAI', (at) => createOpenAI({ baseURL: `${at.url}/v1`, apiKey: at.key })(MODEL)),
  vercel('Anthropic', (at) => createAnthropic({ baseURL: `${at.url}/v1`, apiKey: at.key })(MODEL)),
  vercel('Google', (at) =>
    createGoogleGenerativeAI({ baseURL: `${at.url}/v1beta`, apiKey: at.key })(MODEL),
  ),
]
