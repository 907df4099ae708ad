/** As in `chat.ts`, which needs a stack. */
const MODEL = 'gemini-3-pro-high'

const PICTURE = 'AAAA'
const schema = { type: 'object', properties: { at: { type: ['string', 'null'], const: 'x' } } }

/** A request of each face with about everything in it that a face reads. */
export const VALID_REQUESTS: Record<
  'messages' | 'responses' | 'gemini',
  { path: string; body: object }
> = {
  messages: {
    path: '/v1/messages',
    body: {
      model: MODEL,
      max_tokens: 100,
      stream: false,
      temperature: 0.5,
      stop_sequences: ['END'],
      thinking: { type: 'enabled', budget_tokens: 2_000 },
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      tools: [{ name: 'look', description: 'Looks', input_schema: schema, strict: true }],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      output_config: { format: { type: 'json_schema', schema } },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Hi' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PICTURE } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm', signature: 'sa1.eyJzIjp7ImEiOiJTIn19' },
            { type: 'text', text: 'I look.' },
            { type: 'tool_use', id: 'a', name: 'look', input: { at: 'x' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'seen' }] },
          ],
        },
        { role: 'user', content: 'And now?' },
      ],
    },
  },
  responses: {
    path: '/v1/responses',
    body: {
      model: MODEL,
      stream: false,
      instructions: 'Be brief.',
      max_output_tokens: 100,
      temperature: 0.5,
      reasoning: { effort: 'low', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      text: { format: { type: 'json_schema', name: 'a', schema }, verbosity: 'low' },
      tools: [
        { type: 'function', name: 'look', parameters: schema, strict: false },
        { type: 'custom', name: 'patch' },
        { type: 'web_search' },
      ],
      tool_choice: 'auto',
      parallel_tool_calls: false,
      metadata: { a: 'b' },
      input: [
        { role: 'developer', content: [{ type: 'input_text', text: 'Be kind.' }] },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'Hi' },
            { type: 'input_image', image_url: `data:image/png;base64,${PICTURE}` },
          ],
        },
        {
          type: 'reasoning',
          summary: [{ type: 'summary_text', text: 'Hm' }],
          encrypted_content: 'sa1.e30',
        },
        { type: 'function_call', call_id: 'a', name: 'look', arguments: '{"at":"x"}' },
        { type: 'function_call_output', call_id: 'a', output: 'seen' },
        { role: 'user', content: 'And now?' },
      ],
    },
  },
  gemini: {
    path: `/v1beta/models/${MODEL}:generateContent`,
    body: {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      generationConfig: {
        temperature: 0.5,
        maxOutputTokens: 100,
        stopSequences: ['END'],
        thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' },
        responseMimeType: 'application/json',
        responseSchema: { type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true } } },
      },
      tools: [{ functionDeclarations: [{ name: 'look', parametersJsonSchema: schema }] }],
      toolConfig: { functionCallingConfig: { mode: 'AUTO', allowedFunctionNames: ['look'] } },
      contents: [
        {
          role: 'user',
          parts: [{ text: 'Hi' }, { inlineData: { mimeType: 'image/png', data: PICTURE } }],
        },
        {
          role: 'model',
          parts: [
            { text: 'Hm', thought: true },
            { functionCall: { id: 'a', name: 'look', args: { at: 'x' } }, thoughtSignature: 'S' },
          ],
        },
        {
          role: 'user',
          parts: [{ functionResponse: { id: 'a', name: 'look', response: { output: 'seen' } } }],
        },
        { role: 'user', parts: [{ text: 'And now?' }] },
      ],
    },
  },
}
