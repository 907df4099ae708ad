import { describe, expect, it } from 'vitest'
import { facebook } from '../../../src/identity/sso/providers/facebook.ts'
import { github } from '../../../src/identity/sso/providers/github.ts'
import { linuxdo } from '../../../src/identity/sso/providers/linuxdo.ts'
import { oidc, withTrustLevel } from '../../../src/identity/sso/providers/oidc.ts'

describe('a profile', () => {
  it('of Linux.do carries trust level and status', () => {
    const user = {
      id: 7,
      username: 'a',
      trust_level: 2,
      active: true,
      silenced: false,
      avatar: 'https://x.example/a',
    }
    expect(linuxdo.toProfile(user, null)).toEqual({
      subject: '7',
      username: 'a',
      email: null,
      isEmailVerified: false,
      avatarUrl: 'https://x.example/a',
      trustLevel: 2,
      isActive: true,
      isSilenced: false,
    })
    expect(linuxdo.toProfile({ id: '7', name: 'n', trust_level: -3 }, null)).toMatchObject({
      subject: '7',
      username: 'n',
      trustLevel: 0,
      isActive: null,
      isSilenced: null,
    })
  })

  it('of GitHub takes the primary address, and never the one that the profile shows', () => {
    const user = { id: 1, login: 'l', email: 'shown@x.org' }
    const emails = (verified: unknown) => [
      { email: 'a@x.org', primary: false, verified: true },
      { email: 'b@x.org', primary: true, verified },
    ]
    expect(github.toProfile(user, emails(true))).toMatchObject({
      email: 'b@x.org',
      isEmailVerified: true,
    })
    expect(github.toProfile(user, emails('true'))).toMatchObject({
      email: 'b@x.org',
      isEmailVerified: false,
    })
    for (const none of [null, undefined, {}, [], [{}], 'x', [{ email: 'a@x.org' }]])
      expect(github.toProfile(user, none)).toMatchObject({ email: null, isEmailVerified: false })
  })

  it.each([[undefined], [null], [''], [{}], [1.5], [-1], ['x'.repeat(256)]])(
    'without a usable subject (%j) is none',
    (subject) => {
      expect(() => linuxdo.toProfile({ id: subject }, null)).toThrow()
      expect(() => github.toProfile({ id: subject }, null)).toThrow()
      expect(() => facebook.toProfile({ id: subject }, null)).toThrow()
      expect(() => oidc.toProfile({ sub: subject }, null)).toThrow()
    },
  )

  it('counts fields of a wrong form as absent', () => {
    expect(
      oidc.toProfile(
        {
          sub: 's',
          preferred_username: 5,
          name: ' n ',
          email: 'no address',
          email_verified: true,
          picture: 'javascript:alert(1)',
        },
        null,
      ),
    ).toMatchObject({ username: 'n', email: null, isEmailVerified: false, avatarUrl: null })
  })

  it('has no trust level by a claim unless the operator names it', () => {
    const claims = { sub: 's', trust_level: 4, level: 3 }
    expect(oidc.toProfile(claims, null).trustLevel).toBeNull()
    expect(withTrustLevel(oidc, 'level').toProfile(claims, null).trustLevel).toBe(3)
  })
})
