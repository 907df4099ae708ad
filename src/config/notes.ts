import { isSameSite } from '../platform/http/site.ts'

interface NotedSettings {
  PUBLIC_URL: string | undefined
  FRONTEND_URL?: string | undefined
  CORS_ORIGINS: string[]
  REFRESH_TOKEN_TRANSPORT: 'body' | 'cookie'
}

/** Plain HTTP that browsers trust all the same. */
const LOCAL = /^http:\/\/(localhost|[\w-]+\.localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/

/**
 * What is usable but will not do what people expect of it; said when the Worker starts. Never a value
 * that is secret.
 */
export function settingNotes({
  PUBLIC_URL,
  FRONTEND_URL,
  CORS_ORIGINS,
  REFRESH_TOKEN_TRANSPORT,
}: NotedSettings): string[] {
  const notes: string[] = []
  const isPlain = (url: string) => url.startsWith('http:') && !LOCAL.test(url)
  if (PUBLIC_URL && isPlain(PUBLIC_URL)) {
    notes.push(
      `PUBLIC_URL: browsers keep no refresh cookie of a plain HTTP address${REFRESH_TOKEN_TRANSPORT === 'cookie' ? ', so that with REFRESH_TOKEN_TRANSPORT=cookie nobody stays signed in' : ''}; use https`,
    )
  }
  if (!PUBLIC_URL) return notes
  for (const origin of CORS_ORIGINS.filter((known) => !isSameSite(known, PUBLIC_URL))) {
    const name = FRONTEND_URL?.startsWith(origin) ? 'FRONTEND_URL' : 'CORS_ORIGINS'
    notes.push(
      `${name}: ${origin} is another site than PUBLIC_URL: its calls need credentials: "include", its social logins "code_challenge", and browsers that block cookies of other sites bring none along after a redirect`,
    )
    if (isPlain(origin))
      notes.push(`${name}: ${origin} is plain HTTP: browsers send it no cookies of this server`)
  }
  return notes
}
