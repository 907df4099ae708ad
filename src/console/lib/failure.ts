import { texts } from './i18n.ts'

/** What the API says about a call that failed (RFC 9457). */
interface Problem {
  code?: string
  detail?: string
  request_id?: string
  errors?: { path: string; message: string }[]
  /** OpenAI's form, below `/v1`. */
  error?: { code?: string | null; message?: string }
}

/** A call that did not succeed, in a form that can be shown. */
export class Failure extends Error {
  /** 0: no answer came. */
  readonly status: number
  readonly code: string
  readonly requestId: string | null
  /** What is wrong with which field. */
  readonly fields: Record<string, string>
  readonly retryAfterSeconds: number | null

  constructor(
    status: number,
    code: string,
    message: string,
    more: {
      requestId?: string | null
      fields?: Record<string, string>
      retryAfter?: number | null
    } = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.requestId = more.requestId ?? null
    this.fields = more.fields ?? {}
    this.retryAfterSeconds = more.retryAfter ?? null
  }
}

/** @param body what came with the answer, whatever it is */
export function failureOf(response: Response, body: unknown): Failure {
  const problem: Problem = typeof body === 'object' && body !== null ? body : {}
  const after = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new Failure(
    response.status,
    problem.code ?? problem.error?.code ?? 'unknown',
    problem.detail ?? problem.error?.message ?? `HTTP ${response.status}`,
    {
      requestId: problem.request_id ?? response.headers.get('x-request-id'),
      fields: Object.fromEntries(
        (problem.errors ?? []).map(({ path, message }) => [path, message]),
      ),
      retryAfter: Number.isFinite(after) ? after : null,
    },
  )
}

/** What was thrown, as a failure that can be shown. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return new Failure(0, 'timeout', 'The server did not answer in time.')
  if (error instanceof TypeError) {
    const isOffline = navigator.onLine === false
    return new Failure(0, isOffline ? 'offline' : 'unreachable', error.message)
  }
  return new Failure(0, 'unknown', error instanceof Error ? error.message : String(error))
}

const words = texts({
  en: {
    offline: 'You are offline. Nothing was lost; try again when the connection is back.',
    unreachable: 'The server could not be reached. Try again in a moment.',
    timeout: 'The server did not answer in time. Try again in a moment.',
    service_unavailable: 'A part of the service is not available just now. Try again in a moment.',
    no_account: 'You have no AI account yet, and nothing to draw from the pool. Bring an account.',
  } as Record<string, string>,
  zh: {
    offline: '当前处于离线状态。内容没有丢失，恢复网络后请重试。',
    unreachable: '无法连接服务器，请稍后重试。',
    timeout: '服务器未及时响应，请稍后重试。',
    service_unavailable: '服务的某个部分暂时不可用，请稍后重试。',
    internal_error: '服务器内部错误。',
    invalid_credentials: '用户名、邮箱或密码不正确。',
    account_locked: '错误次数过多，账号已暂时锁定。',
    account_disabled: '此账号已停用。',
    email_not_verified: '请先确认邮箱地址：查看您的邮件。',
    username_taken: '这个用户名已被使用。',
    registration_closed: '目前不开放注册。',
    rate_limited: '请求过于频繁，请稍后再试。',
    validation_failed: '部分内容填写有误，请检查。',
    invalid_one_time_token: '链接已失效或已使用过，请重新获取。',
    invalid_code: '验证码不正确。',
    email_taken: '这个邮箱地址已被使用。',
    model_not_found: '模型不存在。',
    account_silenced: '此账号已被禁言，暂时不能调用模型。',
    plugin_pending: '您的 AI 账户正在创建，请稍候。',
    plugin_not_configured: '服务还没有接入 AI。',
    upstream_error: 'AI 服务出错了。',
    upstream_timeout: 'AI 服务未及时响应。',
    not_found: '未找到。',
    forbidden: '您没有权限执行此操作。',
    not_authenticated: '登录已失效，请重新登录。',
    insufficient_quota: '额度不足，请等待恢复。',
    no_account: '还没有可用的账号。',
    login_expired: '登录过程已过期，请重新开始。',
    login_denied: '您在登录提供方取消了授权。',
    provider_failed: '登录提供方没有正常响应，请稍后重试或换一种登录方式。',
    identity_in_use: '该身份已绑定到另一个账号。',
    step_up_required: '请再次验证身份。',
  } as Record<string, string>,
})

/** What a person reads about it, in their language where there are words for it. */
export function explain(failure: Failure): string {
  return words()[failure.code] ?? failure.message
}
