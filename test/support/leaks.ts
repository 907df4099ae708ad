/** What must never be seen from outside: in the Worker's log, or in an answer. */

/** Settings whose values are secrets, but for addresses of a provider's endpoints for tokens. */
const SECRET_SETTINGS = /^(?!.*_ENDPOINT$).*(SECRET|KEY|TOKEN|PASSWORD|DATABASE_URL)/

/** Nobody but the Worker and its database has to do with these. */
const INSIDE: Record<string, RegExp> = {
  'a password hash': /\$argon2id\$|\$2[aby]\$\d\d\$|(scrypt|pbkdf2):[\w:]+\$/,
  SQL: /\b(select\b.{1,200}\bfrom|insert into|delete from|update\b.{1,80}\bset)\b/i,
  'a connection string': /postgres(ql)?:\/\//,
  'a sealed secret': /\bv1\.[\w-]{8}\.[\w-]{16}\./,
}
const STACK = /\n\s+at |\\n\s+at /

/** In a log even what answers have to hold is too much. */
const IN_A_LOG: Record<string, RegExp> = {
  ...INSIDE,
  'a stack': /\bat [^"]*\.[jt]sx?:\d+:\d+/,
  'a token, key or digest': /[\w-]{40,}/,
  'a JWT': /\beyJ[\w-]+\.[\w-]+\./,
  'an API key': /\bsk-[\w-]{20,}/,
  // The forms of the passwords that tests make up.
  'a password': /\b(pw|new|other|smtp)-[0-9a-f]{8}-[0-9a-f]{4}/,
  'a link with a token': /#token=/,
}

/** The values that must stay secret among a Worker's settings. */
export function secretsOf(bindings: Record<string, string>): string[] {
  return Object.entries(bindings)
    .filter(([name, value]) => SECRET_SETTINGS.test(name) && value.length >= 8)
    .map(([, value]) => value)
}

/** What a log must not hold, with the lines that do. */
export function leaksInLog(log: string, secrets: string[]): string[] {
  const leaks: string[] = []
  for (const line of log.split('\n')) {
    for (const [what, pattern] of Object.entries(IN_A_LOG))
      if (pattern.test(line)) leaks.push(`${what}: ${line.slice(0, 300)}`)
    if (secrets.some((secret) => line.includes(secret)))
      leaks.push(`a setting: ${line.slice(0, 300)}`)
  }
  return [...new Set(leaks)].slice(0, 20)
}

/**
 * What an answer must not hold.
 *
 * @param request its body: a password in it must not come back
 * @param secrets values of settings
 */
export function leaksInAnswer(answer: string, request: unknown, secrets: string[]): string[] {
  const leaks = Object.entries(INSIDE)
    .filter(([, pattern]) => pattern.test(answer))
    .map(([what]) => what)
  if (STACK.test(answer)) leaks.push('a stack')
  if (secrets.some((secret) => answer.includes(secret))) leaks.push('a setting')
  if (passwordsIn(request).some((password) => answer.includes(password))) leaks.push('a password')
  return leaks
}

function passwordsIn(request: unknown): string[] {
  if (typeof request !== 'object' || request === null) return []
  return Object.entries(request)
    .filter(([name, value]) => /password/.test(name) && String(value).length >= 8)
    .map(([, value]) => String(value))
}
