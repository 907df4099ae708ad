import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPerson, stack, type TestPerson } from '../support/stack.ts'
import { type OwnWorker, workerWith } from '../support/worker-with.ts'
import { newContext } from './browser.ts'

/** The documents' own front-end code in two tabs of one browser that meet the expiry at once. */

const ROUNDS = 20
const AXIOS = new URL('../../node_modules/axios/dist/axios.min.js', import.meta.url)

/** Document 000: the interceptor, as it stands there. */
const INTERCEPTOR = `
axios.interceptors.response.use(
  response => response,
  async error => {
    const originalRequest = error.config;
    
    // If it's a 401 error and not the refresh request itself
    if (error.response?.status === 401 && !originalRequest._retry) {
      originalRequest._retry = true;
      
      try {
        // Use refresh_token to get new tokens
        const { data } = await axios.post('/api/auth/refresh', {
          refresh_token: localStorage.getItem('refresh_token')
        });
        
        // Save new tokens
        localStorage.setItem('access_token', data.access_token);
        localStorage.setItem('refresh_token', data.refresh_token);
        
        // Retry original request
        originalRequest.headers.Authorization = \`Bearer \${data.access_token}\`;
        return axios(originalRequest);
      } catch (refreshError) {
        // Refresh failed, need to login again
        localStorage.removeItem('access_token');
        localStorage.removeItem('refresh_token');
        window.location.href = '/login';
        return Promise.reject(refreshError);
      }
    }
    
    return Promise.reject(error);
  }
);
`

/** Document 002: the token manager, as it stands there. */
const TOKEN_MANAGER = `
class TokenManager {
    constructor() {
        this.accessToken = null;
        this.autoRefreshTimer = null;
    }
    
    setAccessToken(token) {
        this.accessToken = token;
        this.scheduleAutoRefresh(); // Auto refresh before expiration
    }
    
    scheduleAutoRefresh() {
        // Auto refresh 5 minutes before token expires
        const refreshTime = (30 - 5) * 60 * 1000; // 25 minutes
        this.autoRefreshTimer = setTimeout(() => {
            this.refreshAccessToken();
        }, refreshTime);
    }
    
    async refreshAccessToken() {
        try {
            const response = await fetch('/auth/refresh', {
                method: 'POST',
                credentials: 'include' // Important: include cookies
            });
            
            if (response.ok) {
                const data = await response.json();
                this.setAccessToken(data.data.access_token);
            }
        } catch (error) {
            console.error('Token refresh failed:', error);
        }
    }
}
window.manager = new TokenManager();
`

/** Serves one page beside the Worker's API, at an origin of its own that passes calls on. */
async function frontEnd(apiUrl: string, script: string): Promise<{ url: string; server: Server }> {
  const server = createServer(async (request, response) => {
    if (request.url === '/' || request.url === '/login') {
      response.setHeader('content-type', 'text/html')
      return void response.end(`<!doctype html><title>app</title><script>${script}</script>`)
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
    const answer = await fetch(apiUrl + request.url, {
      method: request.method ?? 'GET',
      // Behind such a front end the API sees its own origin.
      headers: {
        ...(headers as Record<string, string>),
        ...(headers.origin && { origin: apiUrl }),
      },
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    })
    response.statusCode = answer.status
    for (const [name, value] of answer.headers)
      if (!/^(content-(encoding|length)|transfer-encoding|set-cookie)$/.test(name))
        response.setHeader(name, value)
    response.setHeader('set-cookie', answer.headers.getSetCookie())
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

let worker: OwnWorker
let enveloped: OwnWorker
const servers: Server[] = []
beforeAll(async () => {
  worker = await workerWith({})
  enveloped = await workerWith({
    RESPONSE_FORMAT: 'envelope',
    REFRESH_TOKEN_TRANSPORT: 'cookie',
    REFRESH_RATE_LIMIT: '1000/1m',
  })
})
afterAll(async () => {
  for (const server of servers) server.close()
  await worker?.[Symbol.asyncDispose]()
  await enveloped?.[Symbol.asyncDispose]()
})

async function twoTabs(url: string): Promise<{ context: BrowserContext; tabs: [Page, Page] }> {
  const context = await newContext()
  const tabs: [Page, Page] = [await context.newPage(), await context.newPage()]
  for (const tab of tabs) await tab.goto(url)
  return { context, tabs }
}

describe('two tabs', () => {
  it(`with the interceptor stay signed in for ${ROUNDS} rounds`, { timeout: 180_000 }, async () => {
    const front = await frontEnd(worker.url, (await readFile(AXIOS, 'utf8')) + INTERCEPTOR)
    servers.push(front.server)
    const person: TestPerson = await newPerson(worker.url)
    const { context, tabs } = await twoTabs(front.url)
    await tabs[0].evaluate(
      (token) => localStorage.setItem('refresh_token', token),
      person.refreshToken,
    )
    for (let round = 0; round < ROUNDS; round++) {
      const names = await Promise.all(
        tabs.map((tab) =>
          tab.evaluate(async () => {
            // An access token that has expired; two calls of one page meet it at once, too.
            const { axios } = globalThis as unknown as {
              axios: { get(path: string, how: object): Promise<{ data: { username: string } }> }
            }
            const call = () =>
              axios.get('/api/auth/me', { headers: { Authorization: 'Bearer expired' } })
            return (await Promise.all([call(), call()])).map(({ data }) => data.username)
          }),
        ),
      )
      expect([round, ...names.flat()]).toEqual([round, ...Array(4).fill(person.username)])
    }
    expect(tabs.map((tab) => tab.url())).toEqual([`${front.url}/`, `${front.url}/`])
    await context.close()
  })

  it('are sent to the login page, and stop, where the session has ended', async () => {
    const front = await frontEnd(worker.url, (await readFile(AXIOS, 'utf8')) + INTERCEPTOR)
    servers.push(front.server)
    const person = await newPerson(worker.url)
    await fetch(`${worker.url}/api/auth/logout-all`, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.token}` },
    })
    const context = await newContext()
    const page = await context.newPage()
    let refreshes = 0
    page.on('request', (request) => {
      if (request.url().endsWith('/refresh')) refreshes++
    })
    await page.goto(front.url)
    await page.evaluate(
      (token) => localStorage.setItem('refresh_token', token),
      person.refreshToken,
    )
    await page
      .evaluate(() =>
        (globalThis as unknown as { axios: { get(path: string): Promise<unknown> } }).axios
          .get('/api/auth/me')
          .catch(() => undefined),
      )
      .catch(() => undefined)
    await page.waitForURL(`${front.url}/login`)
    expect(refreshes).toBeLessThanOrEqual(62)
    await context.close()
  })

  it(`with the token manager and the cookie stay signed in for ${ROUNDS} rounds`, {
    timeout: 180_000,
  }, async () => {
    const front = await frontEnd(enveloped.url, TOKEN_MANAGER)
    servers.push(front.server)
    const username = `u${crypto.randomUUID().slice(0, 13)}`
    const password = `pw-${crypto.randomUUID()}`
    const { context, tabs } = await twoTabs(front.url)
    const signedIn = await tabs[0].evaluate(
      async (person) => {
        const post = (path: string) =>
          fetch(path, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            credentials: 'include',
            body: JSON.stringify(person),
          })
        await post('/auth/register')
        return (await post('/auth/login')).status
      },
      { username, password },
    )
    expect(signedIn).toBe(200)
    for (let round = 0; round < ROUNDS; round++) {
      const tokens = await Promise.all(
        tabs.map((tab) =>
          tab.evaluate(async () => {
            const { manager } = globalThis as unknown as {
              manager: { accessToken: string | null; refreshAccessToken(): Promise<void> }
            }
            manager.accessToken = null
            await Promise.all([manager.refreshAccessToken(), manager.refreshAccessToken()])
            return manager.accessToken
          }),
        ),
      )
      expect(tokens, `round ${round}`).toEqual([
        expect.stringMatching(/^ey/),
        expect.stringMatching(/^ey/),
      ])
    }
    await context.close()
  })
})

describe('a front end on another site', () => {
  it('keeps its session by the cookie', async () => {
    // `localhost` and `127.0.0.1` are two sites.
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><title>app</title>')
    })
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    servers.push(server)
    const origin = `http://localhost:${(server.address() as AddressInfo).port}`
    await using api = await workerWith({ CORS_ORIGINS: origin })
    const person = await newPerson(api.url)
    const context = await newContext()
    const page = await context.newPage()
    await page.goto(origin)
    const statuses = await page.evaluate(
      async ({ url, json }) => {
        const post = (path: string, body?: object) =>
          fetch(url + path, {
            method: 'POST',
            credentials: 'include',
            ...(body && {
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(body),
            }),
          })
        const login = await post('/api/auth/login?useCookies=true', json)
        return [
          login.status,
          (await post('/auth/refresh')).status,
          (await post('/api/auth/refresh')).status,
        ]
      },
      { url: api.url, json: { username: person.username, password: person.password } },
    )
    expect(statuses).toEqual([200, 200, 200])
    const cookies = await context.cookies(`${api.url}/api/auth/refresh`)
    expect(
      cookies.map(({ sameSite, httpOnly, secure }) => ({ sameSite, httpOnly, secure })),
    ).toEqual([{ sameSite: 'None', httpOnly: true, secure: true }])
    await context.close()
    expect(stack.baseUrl).not.toBe(api.url)
  })
})
