/** Of the last year that has four digits. */
const LAST_SECOND = 253_402_300_799

/**
 * A model in Anthropic's form. https://docs.claude.com/en/api/models-list
 *
 * @param model as OpenAI lists it; `created` in seconds since the epoch
 */
export function toAnthropicModel({ id, created }: { id: string; created: number }) {
  return {
    type: 'model' as const,
    id,
    display_name: id,
    created_at: new Date(Math.min(created, LAST_SECOND) * 1000).toISOString(),
  }
}
