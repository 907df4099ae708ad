import * as z from 'zod'
import type { Scope } from '../../scopes.ts'

/** A call of our own API that a tool stands for. */
interface ApiCall {
  path: string
  /** Sent as JSON; absent: it is a GET. */
  json?: unknown
}

/** What a model may do for the person, over our own API: whatever holds there holds here. */
interface Tool {
  name: string
  title: string
  description: string
  input: z.ZodObject
  scope: Scope
  isReadOnly: boolean
  call(input: never): ApiCall
  /** What the model reads of the answer. */
  read(body: never): unknown
}

const tool = <Input extends z.ZodObject, Body>(
  definition: Omit<Tool, 'input' | 'call' | 'read'> & {
    input: Input
    call(input: z.output<Input>): ApiCall
    read(body: Body): unknown
  },
): Tool => definition as unknown as Tool

const nothing = z.object({})

export const TOOLS: readonly Tool[] = [
  tool({
    name: 'list_models',
    title: 'List models',
    description: 'The models that can be asked with the tool "chat".',
    input: nothing,
    scope: 'read:models',
    isReadOnly: true,
    call: () => ({ path: '/v1/models' }),
    read: ({ data }: { data: { id: string }[] }) => ({ models: data.map(({ id }) => id) }),
  }),
  tool({
    name: 'my_quota',
    title: 'What is left',
    description: 'How much may still be drawn, in units, for each group of models.',
    input: nothing,
    scope: 'read:quotas',
    isReadOnly: true,
    call: () => ({ path: '/api/quotas' }),
    read: (quotas: object) => quotas,
  }),
  tool({
    name: 'my_usage',
    title: 'What was used',
    description: 'Calls, tokens and units of the last days, by day, model or key.',
    input: z.object({
      group_by: z.enum(['day', 'model', 'key']).default('day'),
      from: z.iso.date().optional().describe('First day (UTC); 29 days ago when absent.'),
    }),
    scope: 'read:usage',
    isReadOnly: true,
    call: (input) => ({
      path: `/api/usage/stats?${new URLSearchParams(JSON.parse(JSON.stringify(input)))}`,
    }),
    read: (usage: object) => usage,
  }),
  tool({
    name: 'chat',
    title: 'Ask a model',
    description: 'Asks a model, out of the quota of the person.',
    input: z.object({
      model: z.string().min(1).max(200).describe('One of "list_models".'),
      prompt: z.string().min(1),
      system: z.string().optional(),
      max_tokens: z.int().positive().optional(),
    }),
    scope: 'chat',
    isReadOnly: false,
    call: ({ model, prompt, system, max_tokens }) => ({
      path: '/v1/chat/completions',
      json: {
        model,
        max_tokens,
        messages: [
          ...(system === undefined ? [] : [{ role: 'system', content: system }]),
          { role: 'user', content: prompt },
        ],
      },
    }),
    read: ({ choices }: { choices: { message: { content: string | null } }[] }) =>
      choices[0]?.message.content ?? '',
  }),
]

/** As `tools/list` shows them. */
export function describeTools() {
  return TOOLS.map(({ name, title, description, input, isReadOnly }) => ({
    name,
    title,
    description,
    inputSchema: z.toJSONSchema(input, { io: 'input' }),
    annotations: { title, readOnlyHint: isReadOnly, openWorldHint: !isReadOnly },
  }))
}
