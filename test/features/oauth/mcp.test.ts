import { request } from 'node:http'
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type {
  OAuthClientInformationMixed,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js'
import { describe, expect, it } from 'vitest'
import { MODEL } from '../../support/chat.ts'
import { bringAccount, call, newChatter, newPerson, stack } from '../../support/stack.ts'
import { agree, newClient, newTokens, workerByItsName } from './support.ts'

const CALLBACK = 'http://127.0.0.1:33418/callback'

/** An MCP host's memory, whose person agrees to everything. */
class Host implements OAuthClientProvider {
  readonly redirectUrl = CALLBACK
  readonly clientMetadata = {
    client_name: 'An MCP host',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
  }
  code = ''
  private client: OAuthClientInformationMixed | undefined
  private kept: OAuthTokens | undefined
  private verifier = ''
  private readonly person: { token: string }
  private readonly baseUrl: string

  constructor(person: { token: string }, baseUrl: string, client?: { client_id: string }) {
    this.person = person
    this.baseUrl = baseUrl
    this.client = client
  }

  clientInformation = () => this.client
  saveClientInformation(client: OAuthClientInformationMixed) {
    this.client = client
  }
  tokens = () => this.kept
  saveTokens(tokens: OAuthTokens) {
    this.kept = tokens
  }
  saveCodeVerifier(verifier: string) {
    this.verifier = verifier
  }
  codeVerifier = () => this.verifier
  async redirectToAuthorization(url: URL) {
    const back = await agree(this.person, url, this.baseUrl)
    this.code = back.searchParams.get('code') ?? ''
  }
}

/** From 401 to a connection, as hosts do. */
async function connect(host: Host, baseUrl: string): Promise<Client> {
  const url = new URL(`${baseUrl}/mcp`)
  const first = new StreamableHTTPClientTransport(url, { authProvider: host })
  const client = new Client({ name: 'test', version: '1' })
  await expect(client.connect(first)).rejects.toThrow('Unauthorized')
  await first.finishAuth(host.code)
  await client.connect(new StreamableHTTPClientTransport(url, { authProvider: host }))
  return client
}

const textOf = (result: unknown) => (result as { content: { text: string }[] }).content[0]?.text

describe("the MCP SDK's client", () => {
  it('registers, has its person agree, and uses every tool', async () => {
    await using worker = await workerByItsName({ OAUTH_REGISTRATION: 'open' })
    const baseUrl = worker.url
    const person = await newPerson(baseUrl)
    await bringAccount(person, 0, 1, baseUrl)
    const host = new Host(person, baseUrl)
    const client = await connect(host, baseUrl)
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['list_models', 'my_quota', 'my_usage', 'chat'])
    const models = await client.callTool({ name: 'list_models', arguments: {} })
    expect(models.structuredContent).toMatchObject({ models: expect.arrayContaining([MODEL]) })
    const quota = await client.callTool({ name: 'my_quota', arguments: {} })
    expect(quota.isError ?? false).toBe(false)
    const answer = await client.callTool({
      name: 'chat',
      arguments: { model: MODEL, prompt: 'Say hello.' },
    })
    expect([answer.isError ?? false, textOf(answer)]).toEqual([false, expect.stringMatching(/./)])
    const usage = await client.callTool({ name: 'my_usage', arguments: { group_by: 'model' } })
    expect(usage.isError ?? false).toBe(false)

    const wrong = await client.callTool({
      name: 'chat',
      arguments: { model: 'nothing', prompt: 'x' },
    })
    expect(wrong.isError).toBe(true)
    const missing = await client.callTool({ name: 'chat', arguments: {} })
    expect(missing.isError).toBe(true)
    await expect(client.callTool({ name: 'format_disk', arguments: {} })).rejects.toThrow('no such')
    // Its token is for this part of the server.
    expect(host.tokens()?.scope).toContain('chat')
    const token = host.tokens()?.access_token ?? ''
    expect((await call('/v1/models', { token, baseUrl })).status).toBe(401)
    await client.close()
  })

  it('comes as a client that is known, and gets what its scopes name', async () => {
    const chatter = await newChatter()
    const made = await newClient({
      auth_method: 'none',
      redirect_uris: [CALLBACK],
      scopes: ['read:models'],
    })
    const client = await connect(
      new Host(chatter, stack.baseUrl, { client_id: made.client_id }),
      stack.baseUrl,
    )
    const models = await client.callTool({ name: 'list_models', arguments: {} })
    expect(models.isError ?? false).toBe(false)
    await expect(client.callTool({ name: 'my_quota', arguments: {} })).rejects.toThrow()
    await client.close()
  })
})

describe('a message', () => {
  it('has to be one, in a revision that is known', async () => {
    const chatter = await newChatter()
    const app = await newClient({ auth_method: 'none' })
    const resource = `${stack.baseUrl}/mcp`
    const { access_token: token } = await newTokens(chatter, app, { resource })
    const send = (json: unknown, headers: Record<string, string> = {}) =>
      call<{ error?: { code: number } }>('/mcp', { token, json, headers })
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
    expect((await send(ping)).body).toEqual({ jsonrpc: '2.0', id: 1, result: {} })
    expect((await send([ping])).status).toBe(400)
    expect((await send({ ...ping, jsonrpc: '1.0' })).status).toBe(400)
    const unknown = await send(ping, { 'mcp-protocol-version': '1999-01-01' })
    expect(unknown.status).toBe(400)
    expect(unknown.body.error).toMatchObject({
      code: -32_022,
      data: {
        supported: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'],
        requested: '1999-01-01',
      },
    })
    expect((await send({ ...ping, method: 'nothing' })).body.error?.code).toBe(-32_601)
    expect((await send({ jsonrpc: '2.0', method: 'notifications/initialized' })).status).toBe(202)
    // A key of the person's will do as well, and a browser is told where to get a token.
    const refused = await call('/mcp', { json: ping })
    expect(refused.headers.get('www-authenticate')).toContain(
      `resource_metadata="${stack.baseUrl}/.well-known/oauth-protected-resource/mcp"`,
    )
    expect((await call('/mcp', { token: chatter.key, json: ping })).status).toBe(200)
  })
})

describe('a request that says itself which revision it speaks', () => {
  const VERSION = '2026-07-28'
  const META = {
    'io.modelcontextprotocol/protocolVersion': VERSION,
    'io.modelcontextprotocol/clientCapabilities': {},
  }

  interface Answer {
    result?: Record<string, unknown>
    error?: { code: number; data?: object }
  }

  async function asker() {
    const chatter = await newChatter()
    return (
      method: string,
      params: Record<string, unknown> = {},
      headers: Record<string, string> = {},
    ) =>
      call<Answer>('/mcp', {
        token: chatter.key,
        json: { jsonrpc: '2.0', id: 7, method, params: { _meta: META, ...params } },
        headers: {
          'mcp-protocol-version': VERSION,
          'mcp-method': method,
          ...(params.name !== undefined && { 'mcp-name': String(params.name) }),
          ...headers,
        },
      })
  }

  it('is answered without a handshake, and may be kept', async () => {
    const ask = await asker()
    const _meta = { 'io.modelcontextprotocol/serverInfo': { name: 'shared-accounts' } }
    const discovered = await ask('server/discover')
    expect(discovered.body.result).toMatchObject({
      resultType: 'complete',
      supportedVersions: expect.arrayContaining([VERSION, '2025-11-25']),
      capabilities: { tools: {} },
      cacheScope: 'public',
      _meta,
    })
    const listed = await ask('tools/list')
    expect(listed.body.result).toMatchObject({ ttlMs: 300_000, cacheScope: 'public', _meta })
    const called = await ask('tools/call', { name: 'list_models', arguments: {} })
    expect(called.body.result).toMatchObject({
      resultType: 'complete',
      structuredContent: { models: expect.arrayContaining([MODEL]) },
    })
    // A name may be wrapped, as those are that do not fit into a header.
    const wrapped = `=?base64?${Buffer.from('list_models').toString('base64')}?=`
    const again = await ask('tools/call', { name: 'list_models' }, { 'mcp-name': wrapped })
    expect(again.status).toBe(200)
  })

  it.each([
    ['no metadata', { _meta: undefined }, {}, 400, -32_602],
    [
      'no version in it',
      { _meta: { ...META, [Object.keys(META)[0] ?? '']: undefined } },
      {},
      400,
      -32_602,
    ],
    [
      'no capabilities',
      { _meta: { ...META, [Object.keys(META)[1] ?? '']: undefined } },
      {},
      400,
      -32_602,
    ],
    ['another version in its header', {}, { 'mcp-protocol-version': '2025-11-25' }, 400, -32_020],
    ['none there', {}, { 'mcp-protocol-version': '' }, 400, -32_020],
    ['another method there', {}, { 'mcp-method': 'tools/call' }, 400, -32_020],
    ['another name there', { name: 'list_models' }, { 'mcp-name': 'chat' }, 400, -32_020],
    [
      'a name there that is no base64',
      { name: 'list_models' },
      { 'mcp-name': '=?base64?!?=' },
      400,
      -32_020,
    ],
  ] as const)('is refused for %s', async (_, params, headers, status, code) => {
    const ask = await asker()
    const method = 'name' in params ? 'tools/call' : 'tools/list'
    const answer = await ask(method, params, headers)
    expect([answer.status, answer.body.error?.code]).toEqual([status, code])
  })

  it('knows neither a handshake nor another method', async () => {
    const ask = await asker()
    for (const method of ['initialize', 'ping', 'subscriptions/listen', 'nothing']) {
      const { status, body } = await ask(method)
      expect([status, body.error?.code], method).toEqual([404, -32_601])
    }
    const future = { ...META, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' }
    const { status, body } = await ask(
      'tools/list',
      { _meta: future },
      { 'mcp-protocol-version': '2099-01-01' },
    )
    expect([status, body.error?.code]).toEqual([400, -32_022])
  })

  it('is not taken from a page that believes to be ours under another name', async () => {
    const { key } = await newChatter()
    const { host, origin } = new URL(stack.baseUrl)
    // `fetch` chooses the host itself.
    const from = (host: string, origin: string) => {
      const answered = Promise.withResolvers<number | undefined>()
      const headers = { host, origin, authorization: `Bearer ${key}` }
      request(`${stack.baseUrl}/mcp`, { method: 'POST', headers }, (answer) => {
        answer.resume()
        answered.resolve(answer.statusCode)
      })
        .on('error', answered.reject)
        .end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }))
      return answered.promise
    }
    expect(await from('evil.example', 'http://evil.example')).toBe(403)
    expect(await from(host, origin)).toBe(200)
    // A page of elsewhere that has been given a token.
    expect(await from(host, 'https://inspector.example')).toBe(200)
  })
})
