/** Scripts in everyday use (UAX 31, table 5); of others nobody could tell what they read. */
const SCRIPTS = [
  ...[
    'Latin',
    'Cyrillic',
    'Greek',
    'Armenian',
    'Georgian',
    'Hebrew',
    'Arabic',
    'Thaana',
    'Ethiopic',
  ],
  ...['Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada'],
  ...['Malayalam', 'Sinhala', 'Thai', 'Lao', 'Tibetan', 'Myanmar', 'Khmer', 'Han', 'Hangul'],
  ...['Hiragana', 'Katakana', 'Bopomofo'],
]

/** What may stand together at the level "highly restrictive" (UTS 39 §5.2). */
const TOGETHER = [
  ...SCRIPTS.map((script) => [script]),
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
].map((scripts) => {
  const classes = [...scripts, 'Common', 'Inherited'].map((script) => `\\p{scx=${script}}`)
  return new RegExp(`^[${classes.join('')}]+$`, 'u')
})

/** Takes no room, so that two names that differ in it look the same. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u
/** UTS 39 §5.4: one mark twice, or more of them on a letter than any language has. */
const PILED_MARKS = /\p{Mn}{4,}|(\p{Mn})\1/u

/**
 * Why a name could be taken for another one, or for none (Unicode Technical Standard 39).
 *
 * @param name in NFC
 * @returns what to tell the person; null: nothing is wrong with it
 */
export function nameProblem(name: string): string | null {
  if (INVISIBLE.test(name)) return 'Leave out characters that cannot be seen.'
  if (PILED_MARKS.test(name.normalize('NFD'))) return 'Too many accents on one letter.'
  if (!TOGETHER.some((pattern) => pattern.test(name)))
    return 'Use letters of one script: mixed ones can be taken for others.'
  return null
}
