/** The models that their vendor meters together, by the name of their group. */
const DEFAULT_GROUPS: Record<string, readonly string[]> = {
  'gemini-3-pro': ['gemini-3-pro-low', 'gemini-3-pro-high'],
  claude: [
    'claude-sonnet-4-5',
    'claude-sonnet-4-5-thinking',
    'claude-opus-4-5-thinking',
    'claude-opus-4-6-thinking',
  ],
  'gemini-2.5-pro': ['gemini-2.5-pro', 'gemini-2.5-pro-thinking'],
}

const GROUP_OF = new Map(
  Object.entries(DEFAULT_GROUPS).flatMap(([group, models]) =>
    models.map((model) => [model, group] as const),
  ),
)

/** The models that belong together of their own accord. */
export const GROUPED_MODELS: readonly string[] = [...GROUP_OF.keys()]

/** The group of a model that the catalogue does not name: the plug-in's, else one of its own. */
export function defaultGroup(model: string): string {
  return GROUP_OF.get(model) ?? model
}
