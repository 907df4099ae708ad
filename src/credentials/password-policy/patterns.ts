/** Rows and columns of keyboards, and the lines that fingers draw on a keypad. Both ways count. */
const LINES = [
  ...['qwertyuiop', 'qwertzuiop', 'azertyuiop', 'asdfghjkl', 'zxcvbnm', 'yxcvbnm'],
  ...['1qaz', '2wsx', '3edc', '4rfv', '5tgb', '6yhn', '7ujm'],
  ...['147', '258', '369', '159', '357'],
]
const WALKS = LINES.flatMap((line) => [line, [...line].reverse().join('')])

/** Shorter pieces are in every password; of the same character a pair is one. */
const MIN_PIECE = 3
const MIN_REPEAT = 2
/** A password of more pieces than this is not among the first to be tried. */
const MAX_PIECES = 6
/** A longer unit is worth what it is worth by itself. */
const MAX_UNIT = 4

/**
 * Whether a text is put together from rows and nothing else: `abcdefgh`, `12345678901`, `159753456`,
 * `qweasdzxc`, `11223344`, `abc123abc`.
 *
 * @param text in lower case
 */
export function isPattern(text: string): boolean {
  const chars = [...text]
  /** With how few pieces one gets how far. */
  const fewest = [0, ...chars.map(() => Number.POSITIVE_INFINITY)]
  for (const start of chars.keys()) {
    const pieces = (fewest[start] ?? 0) + 1
    if (pieces > MAX_PIECES) continue
    for (const end of endsOfPieces(chars, start))
      fewest[end] = Math.min(fewest[end] ?? pieces, pieces)
  }
  return (fewest[chars.length] ?? 0) <= MAX_PIECES
}

/** @returns the text that another one repeats, whole or cut off at last: `abc` of `abcabcab`; null: none */
export function repeatedUnit(text: string): string | null {
  for (let length = 1; length * 2 <= text.length; length++)
    if (text.slice(length) === text.slice(0, -length)) return text.slice(0, length)
  return null
}

/** Whether a unit is too short to be worth anything when it is said again and again. */
export function isShortUnit(unit: string): boolean {
  return unit.length <= MAX_UNIT
}

function endsOfPieces(chars: readonly string[], start: number): number[] {
  const rows = [
    { end: endOfRow(chars, start, 0), least: MIN_REPEAT },
    { end: endOfRow(chars, start, 1), least: MIN_PIECE },
    { end: endOfRow(chars, start, -1), least: MIN_PIECE },
    { end: endOfWalk(chars, start), least: MIN_PIECE },
  ]
  return rows.flatMap(({ end, least }) =>
    Array.from({ length: Math.max(0, end - start - least + 1) }, (_, more) => start + least + more),
  )
}

/** Where a row of characters of which each is so far from the one before ends. */
function endOfRow(chars: readonly string[], start: number, step: number): number {
  let end = start + 1
  while (end < chars.length && isStep(chars[end - 1] ?? '', chars[end] ?? '', step)) end++
  return end
}

/** After 9 comes 0: on the keyboard, and when one counts on. */
function isStep(one: string, next: string, step: number): boolean {
  const [from, to] = [one.codePointAt(0) ?? 0, next.codePointAt(0) ?? 0]
  if (to - from === step) return true
  return /^\d\d$/.test(one + next) && (to - from - step) % 10 === 0
}

function endOfWalk(chars: readonly string[], start: number): number {
  let end = start + 1
  while (end < chars.length) {
    const piece = chars.slice(start, end + 1).join('')
    if (!WALKS.some((line) => line.includes(piece))) break
    end++
  }
  return end
}
