/**
 * Redis's glob matching (`stringmatchlen`): `*`, `?`, `[a-z]`, `[^…]` and `\` as escape. Written out
 * rather than turned into a regular expression, whose treatment of odd patterns differs.
 */
export function globMatch(pattern: string, text: string): boolean {
  return match(pattern, 0, text, 0)
}

function match(pattern: string, patternStart: number, text: string, textStart: number): boolean {
  let p = patternStart
  let t = textStart
  while (p < pattern.length && t < text.length) {
    const symbol = pattern[p]
    if (symbol === '*') {
      while (pattern[p + 1] === '*') p += 1
      if (p + 1 === pattern.length) return true
      for (let from = t; from <= text.length; from += 1) {
        if (match(pattern, p + 1, text, from)) return true
      }
      return false
    }
    if (symbol === '[') {
      const [hit, end] = matchClass(pattern, p + 1, text.charCodeAt(t))
      if (!hit) return false
      p = end
    } else if (symbol !== '?') {
      if (symbol === '\\' && p + 1 < pattern.length) p += 1
      if (pattern[p] !== text[t]) return false
    }
    t += 1
    p += 1
  }
  if (t >= text.length) while (pattern[p] === '*') p += 1
  return p >= pattern.length && t >= text.length
}

/** Matches one character class that starts at `start`; answers also where it ends. */
function matchClass(pattern: string, start: number, code: number): [hit: boolean, end: number] {
  let p = start
  const negated = pattern[p] === '^'
  if (negated) p += 1
  let hit = false
  for (; ; p += 1) {
    if (p >= pattern.length) {
      p = pattern.length - 1
      break
    }
    if (pattern[p] === '\\' && p + 1 < pattern.length) {
      p += 1
      if (pattern.charCodeAt(p) === code) hit = true
    } else if (pattern[p] === ']') {
      break
    } else if (pattern[p + 1] === '-' && p + 2 < pattern.length) {
      const a = pattern.charCodeAt(p)
      const b = pattern.charCodeAt(p + 2)
      p += 2
      if (code >= Math.min(a, b) && code <= Math.max(a, b)) hit = true
    } else if (pattern.charCodeAt(p) === code) {
      hit = true
    }
  }
  return [hit !== negated, p]
}
