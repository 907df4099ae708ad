/**
 * `fetch` without the guard of `answer-guard.ts`: for answers of a scripted server that are unlike
 * OpenAI's, and that the Worker has to pass on as they are.
 */
export const plainFetch = (fetch as typeof fetch & { plain: typeof fetch }).plain
