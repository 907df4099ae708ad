/** What Codex tells a model of which it knows nothing else. */
const INSTRUCTIONS = `You are a coding agent that works in a person's terminal, in their folder.
Look at the files that matter before you change anything. Make the smallest change that does what was asked, in the style of the code around it, and try it where that is possible.
Work with the tools that you are given. Say briefly what you are about to do, go on until the task is done, and end with a short account of what has changed and what has not been tried.
Leave alone what you were not asked about. Never undo work that is not yours.`

/** Codex cuts what tools say to this. */
const TOOL_OUTPUT_TOKENS = 10_000

/**
 * A model as Codex reads it: the fields without which it refuses the whole list, and what is known.
 * https://github.com/openai/codex, `ModelInfo`; tried with 0.169.0 as its `model_catalog_json`.
 *
 * @param model as OpenAI's API lists it
 */
export function toCodexModel(model: {
  id: string
  context_length?: number | undefined
  context_window?: number | undefined
  max_model_len?: number | undefined
}) {
  const { id, context_length, context_window, max_model_len } = model
  return {
    slug: id,
    display_name: id,
    description: null,
    supported_reasoning_levels: [],
    shell_type: 'default' as const,
    visibility: 'list' as const,
    supported_in_api: true,
    priority: 1,
    base_instructions: INSTRUCTIONS,
    truncation_policy: { mode: 'tokens' as const, limit: TOOL_OUTPUT_TOKENS },
    support_verbosity: false,
    supports_reasoning_summaries: true,
    supports_parallel_tool_calls: true,
    experimental_supported_tools: [],
    context_window: context_window ?? context_length ?? max_model_len ?? null,
  }
}
