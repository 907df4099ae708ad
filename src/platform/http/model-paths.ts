const CALLS = '(?:chat\\/completions|completions|embeddings|responses|messages|models(?:\\/[^/]+)?)'

/**
 * Addresses of calls to a model, and those that people have from other services or get by a base URL
 * without its `/v1`: whoever answers there speaks as a gateway does, to pages as well.
 */
export const MODEL_PATH = new RegExp(
  `^\\/+(?:(?:(?:api|openai)\\/+)?v1(?:beta)?(?:\\/|$)|${CALLS}\\/*$)`,
  'i',
)
