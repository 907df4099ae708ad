/** Speak a protocol of their own, which an envelope would break. */
const OTHER_PROTOCOL =
  /^\/(oauth|\.well-known|v1|v1beta)(\/|$)|\/plugin-api\/(chat\/completions|models)$|\/plugin-api\/v1beta\/|\/openapi\.json$/

/** Whether answers below an address come in an envelope where that is asked for. */
export function takesEnvelope(path: string): boolean {
  return !OTHER_PROTOCOL.test(path)
}
