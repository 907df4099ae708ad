import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, waitFor } from '../../support/stack.ts'
import { Browser, freshSubject, type Idp, namedProviders, startIdp, workerWith } from './support.ts'

const FRONTEND = 'https://app.example.com'

let idp: Idp
let worker: Awaited<ReturnType<typeof workerWith>>

beforeAll(async () => {
  idp = await startIdp()
  worker = await workerWith({
    ...namedProviders(idp),
    FRONTEND_URL: FRONTEND,
    CORS_ORIGINS: 'https://spa.example.org',
  })
})
afterAll(async () => {
  await worker?.close()
  await idp?.stop()
})

describe('registration through a provider', () => {
  it('gives the person a plug-in user', async () => {
    idp.next({
      userInfo: { id: randomInt(2 ** 40), username: `h${freshSubject().slice(0, 12)}` },
    })
    const { body } = await new Browser(worker.url).login('linuxdo', '', 'application/json')
    await waitFor(async () => {
      const { body: key } = await call('/api/plugin-api/key', {
        token: String(body.access_token),
        baseUrl: worker.url,
      })
      return key.state === 'ready'
    })
  })

  it('finds a free user name, whatever the profile says', async () => {
    const name = `h${freshSubject().slice(0, 12)}`
    const names: string[] = []
    for (const username of [name, name.toUpperCase(), ` ${name}!`, '@@', '', null, '张三']) {
      idp.next({ userInfo: { id: randomInt(2 ** 40), username } })
      const { status, body } = await new Browser(worker.url).login(
        'linuxdo',
        '',
        'application/json',
      )
      expect(status).toBe(200)
      names.push(String(body.username))
    }
    expect(names[0]).toBe(name)
    expect(names[1]).toMatch(new RegExp(`^${name}-[0-9a-f]{6}$`, 'i'))
    expect(names[2]).toMatch(new RegExp(`^${name}-[0-9a-f]{6}$`))
    expect(names[3]).toMatch(/^user(-[0-9a-f]{6})?$/)
    expect(names[6]).toMatch(/^张三-[0-9a-f]{6}$/)
    expect(new Set(names).size).toBe(names.length)
  })

  it("takes no name that looks like somebody else's", async () => {
    const letters = Array.from({ length: 12 }, () => randomInt(6))
    const [latin, cyrillic] = ['aceopx', 'асеорх'].map((script) =>
      letters.map((place) => script[place]).join(''),
    )
    const names: string[] = []
    for (const username of [latin, cyrillic]) {
      idp.next({ userInfo: { id: randomInt(2 ** 40), username } })
      const answer = await new Browser(worker.url).login('linuxdo', '', 'application/json')
      expect(answer.status).toBe(200)
      names.push(String(answer.body.username))
    }
    expect(names[0]).toBe(latin)
    expect(names[1]).toMatch(new RegExp(`^${cyrillic}-\\d{6}$`))
  })

  it.each(['username', 'name', 'avatar_url', 'email'])(
    'takes no harm from a NUL in the field %s',
    async (field) => {
      const handle = `h${freshSubject().slice(0, 12)}`
      const facts = { id: randomInt(2 ** 40), username: handle, [field]: `a\u0000b@example.com` }
      idp.next({ userInfo: facts })
      const { status, body } = await new Browser(worker.url).login(
        'linuxdo',
        '',
        'application/json',
      )
      expect([status, JSON.stringify(body).includes('\\u0000')]).toEqual([200, false])
    },
  )

  it("refuses a subject that holds a NUL as the provider's failure", async () => {
    idp.next({ userInfo: { id: 'a\u0000b', username: `h${freshSubject().slice(0, 12)}` } })
    const { status } = await new Browser(worker.url).login('linuxdo', '', 'application/json')
    expect(status).toBe(502)
  })

  it('registers one account when the first sign-in comes twice at once', async () => {
    const subject = randomInt(2 ** 40)
    idp.next({ userInfo: { id: subject, username: `h${freshSubject().slice(0, 12)}` } })
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        new Browser(worker.url).login('linuxdo', '', 'application/json'),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(new Set(answers.map(({ body }) => body.user_id)).size).toBe(1)
  })
})

describe('return_to', () => {
  it.each([
    '/dashboard?tab=keys#top',
    `${FRONTEND}/welcome?x=1`,
    'https://spa.example.org/callback',
  ])('leads to %s', async (target) => {
    idp.next({ userInfo: { id: randomInt(2 ** 40), username: 'somebody' } })
    const browser = new Browser(worker.url)
    const done = await browser.login('linuxdo', `?return_to=${encodeURIComponent(target)}`)
    expect([done.status, done.headers.get('location')]).toEqual([303, target])
  })
})
