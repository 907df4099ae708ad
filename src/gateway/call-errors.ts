/** What every call to a model can answer. */
export const CALL_ERRORS = [
  'plugin_not_configured',
  'plugin_pending',
  'upstream_error',
  'upstream_timeout',
  'no_account',
  'invalid_request',
  'malformed_request',
  'content_refused',
  'model_not_found',
  'insufficient_quota',
  'rate_limited',
  'account_silenced',
  'payload_too_large',
] as const
