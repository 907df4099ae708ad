/** The models that the stand-in serves by itself. */
export const MODELS: readonly string[] = [
  'gemini-3-pro-high',
  'gemini-3-pro-low',
  'gemini-2.5-pro',
  'gemini-2.5-flash',
  'claude-sonnet-4-5',
  'claude-sonnet-4-5-thinking',
  'claude-opus-4-5-thinking',
  'gpt-oss-120b-medium',
  'gemini-3-pro-image',
  'gemini-2.5-flash-image',
]

const CLAUDE = ['claude-sonnet-4-5', 'claude-sonnet-4-5-thinking', 'claude-opus-4-5-thinking']

/** Checked in this order; the first group that holds the model wins. */
const GROUPS: readonly (readonly string[])[] = [
  ['gemini-3-pro-low', 'gemini-3-pro-high'],
  CLAUDE,
  ['gemini-2.5-pro', 'gemini-2.5-pro-thinking'],
  // Comes after the Claude group, so that it debits Claude rows and Claude does not debit it.
  ['gpt-oss-120b-medium', ...CLAUDE],
]

/** The models that are checked and debited together with this one, itself included. */
export function groupOf(model: string): readonly string[] {
  return GROUPS.find((group) => group.includes(model)) ?? [model]
}

/** Whether the name alone switches thinking on. */
export function isThinking(model: string): boolean {
  return (
    model.endsWith('-thinking') ||
    model === 'gemini-2.5-pro' ||
    model.startsWith('gemini-3-pro-') ||
    model === 'gpt-oss-120b-medium'
  )
}

/** Whether the model draws images. */
export function isImageModel(model: string): boolean {
  return model.endsWith('-image')
}
