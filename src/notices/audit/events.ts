/** Everything that leaves an audit row. Names never change: people filter by them. */
export const AUDIT_EVENTS = [
  'account.registered',
  'account.deleted',
  'account.exported',
  'account.updated',
  'login.succeeded',
  'login.failed',
  'login.locked',
  'login.second_factor_failed',
  'session.ended',
  'session.all_ended',
  'session.refresh_reused',
  'password.changed',
  'password.reset_requested',
  'password.reset',
  'password.rehashed',
  'email.verified',
  'email.change_requested',
  'email.changed',
  'second_factor.enabled',
  'second_factor.disabled',
  'second_factor.recovery_code_used',
  'second_factor.recovery_codes_replaced',
  'api_key.created',
  'api_key.updated',
  'api_key.deleted',
  'api_key.all_ended',
  'identity.linked',
  'identity.unlinked',
  'user.created',
  'user.updated',
  'user.deleted',
  'user.banned',
  'user.unbanned',
  'user.sessions_ended',
  'user.unlocked',
  'user.second_factor_reset',
  'user.plugin_key_replaced',
  'oauth.consented',
  'oauth.denied',
  'oauth.grant_ended',
  'oauth.code_reused',
  'oauth.refresh_reused',
  'oauth_client.created',
  'oauth_client.updated',
  'oauth_client.secret_replaced',
  'oauth_client.deleted',
  'signing_key.rotated',
  'model.updated',
  'model.deleted',
  'ai_account.off',
  'job.run',
] as const
export type AuditEventName = (typeof AUDIT_EVENTS)[number]

/** One thing to write down. */
export interface AuditEvent {
  event: AuditEventName
  /** Whom it concerns; null for somebody unknown. */
  userId: number | null
  /** `success` when absent. */
  outcome?: 'success' | 'failure'
  /** What else an owner or an administrator wants to know; never a secret. */
  details?: Record<string, string | number | boolean | null>
}
