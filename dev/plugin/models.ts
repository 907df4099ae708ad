import type { Settings } from './settings.ts'

/** What decides which version is played. */
interface Played {
  settings: Pick<Settings, 'version'>
}

/** The models that the stand-in serves by itself, as the older version knows them. */
const MODELS: readonly string[] = [
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

/** The newer version serves one more. */
const NEWER = 'claude-opus-4-6-thinking'

const GEMINI_3 = ['gemini-3-pro-low', 'gemini-3-pro-high']
const CLAUDE = ['claude-sonnet-4-5', 'claude-sonnet-4-5-thinking', 'claude-opus-4-5-thinking']
const GEMINI_2 = ['gemini-2.5-pro', 'gemini-2.5-pro-thinking']

/** What the upstream itself meters together. */
const FAMILIES: readonly (readonly string[])[] = [GEMINI_3, [...CLAUDE, NEWER], GEMINI_2]

/**
 * The models that the plug-in checks and debits together with this one, itself included. The first
 * group that holds the model wins.
 */
export function groupOf(plugin: Played, model: string): readonly string[] {
  const claude = isNewer(plugin) ? [...CLAUDE, NEWER] : CLAUDE
  // The last comes after the Claude group, so that it debits Claude rows and Claude does not debit it.
  const groups = [GEMINI_3, claude, GEMINI_2, ['gpt-oss-120b-medium', ...claude]]
  return groups.find((group) => group.includes(model)) ?? [model]
}

/** The name under which the upstream keeps what is left for a model: that of the first of its family. */
export function familyOf(model: string): string {
  return FAMILIES.find((family) => family.includes(model))?.[0] ?? model
}

/** Whether the newer of the two versions is played. */
export function isNewer(plugin: Played): boolean {
  return plugin.settings.version === 'N'
}

/** The models that the stand-in serves by itself. */
export function servedModels(plugin: Played): readonly string[] {
  return isNewer(plugin) ? [...MODELS, NEWER] : MODELS
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
