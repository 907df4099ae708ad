import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPlugin } from '../../../dev/plugin/server.ts'
import { ADMIN_KEY, consent, consumption, pool, start } from './support.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plugin-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a restart', () => {
  it('keeps users, keys, accounts, pools and the log; not the running authorizations', async () => {
    const persistTo = join(folder, 'new', 'state.json')
    const first = await start({ persistTo })
    const user = await first.newUser()
    const renewed = await first.newUser()
    const { data } = (
      await first.call('POST', `/api/users/${renewed.user_id}/regenerate-key`, ADMIN_KEY)
    ).body
    const cookie = await first.addAccount(user, { shared: 1, form: { quota: '0.5' } })
    await first.chat(user, { stream: false })
    const address = await consent(first, user)
    const accounts = (await first.call('GET', '/api/accounts', user.api_key)).text
    await first.close()

    const second = await start({ persistTo })
    expect((await second.call('GET', '/api/accounts', user.api_key)).text).toBe(accounts)
    expect(accounts).toContain(cookie)
    expect(await pool(second, user)).toEqual({ quota: 0.99, max: 2 })
    expect(await consumption(second, user)).toHaveLength(1)
    expect((await second.call('GET', '/api/user/me', renewed.api_key)).status).toBe(401)
    expect((await second.call('GET', '/api/user/me', data.api_key)).status).toBe(200)
    const late = await second.call('POST', '/api/oauth/callback/manual', user.api_key, {
      callback_url: address,
    })
    expect(late.status).toBe(500)
    expect(await readdir(join(folder, 'new'))).toEqual(['state.json'])
  })

  it('does not depend on closing', async () => {
    const persistTo = join(folder, 'crash.json')
    const plugin = await start({ persistTo })
    const user = await plugin.newUser()
    await expect
      .poll(() => readFile(persistTo, 'utf8').catch(() => ''), { timeout: 1_000, interval: 20 })
      .toContain(user.user_id)
  })

  it('settles what was under way', async () => {
    const persistTo = join(folder, 'settle.json')
    const first = await start({ persistTo })
    const user = await first.newUser()
    await first.addAccount(user)
    await first.control('/config', { chat: { finishDelayMs: 60_000 } })
    const lost = first.chat(user).catch(() => 'lost')
    await expect.poll(async () => (await first.control('/state')).body.requests).toBe(5)
    await first.close()
    expect(await lost).toBe('lost')
    expect(await consumption(await start({ persistTo }), user)).toHaveLength(1)
  })

  it('names an unreadable file', async () => {
    const persistTo = join(folder, 'broken.json')
    await writeFile(persistTo, '{"users":')
    await expect(startPlugin({ adminKey: ADMIN_KEY, persistTo })).rejects.toThrow(persistTo)
  })
})
