/** What "Try it out" proposes, by the name of the body's schema: something that can be sent as it is. */

const MODEL = 'gemini-3-pro-high'
const PASSWORD = 'a long enough password'
const FROM_A_MAIL = 'q7Zt2mXvB0cW4sYhKpR8dLfJ6nGuEaTi3oVx1Myb5wA'
const FROM_A_SIGN_IN = 'Vb3yQm8sXk2tJr7pLw5nHc9dFz4gTa6e'
const CALLBACK = { code: '4/0AbUR2VMeHxkP9', state: 'nT8kPq3vXw7yZr2m' }
const KEY = { name: 'My laptop', requests_per_minute: 60 }
const USER = { username: 'alice', email: 'alice@example.com', password: PASSWORD }
const SAY_HELLO = [{ role: 'user', content: 'Hello!' }]

export const EXAMPLES: Record<string, unknown> = {
  ChatCompletionRequest: { model: MODEL, messages: SAY_HELLO },
  MessagesRequest: { model: MODEL, max_tokens: 1024, messages: SAY_HELLO },
  CountTokensRequest: { model: MODEL, messages: SAY_HELLO },
  ResponsesRequest: { model: MODEL, input: 'Hello!' },
  Request_v1_embeddings: { model: 'text-embedding-3-small', input: 'Hello!' },
  Request_v1_rerank: { model: 'rerank-2', query: 'Who greets?', documents: ['Hello!', 'Rain.'] },
  Request_v1_images_generations: { model: 'gpt-image-1', prompt: 'A lighthouse', n: 1 },
  Request_v1_images_edits: { model: 'gpt-image-1', prompt: 'A lighthouse' },
  Request_v1_images_variations: { model: 'dall-e-2' },
  Request_v1_audio_speech: { model: 'gpt-4o-mini-tts', input: 'Hello!', voice: 'alloy' },
  Request_v1_audio_transcriptions: { model: 'whisper-1' },
  Request_v1_audio_translations: { model: 'whisper-1' },
  JsonRpcMessage: { jsonrpc: '2.0', id: 1, method: 'tools/list' },
  GenerateContentRequest: { contents: [{ role: 'user', parts: [{ text: 'Hello!' }] }] },

  RegisterInput: USER,
  LoginInput: { username: 'alice', password: PASSWORD },
  RefreshInput: { refresh_token: FROM_A_SIGN_IN },
  LogoutAllInput: { end_api_keys: false },
  ForgotPasswordInput: { email: 'alice@example.com' },
  ResetPasswordInput: { token: FROM_A_MAIL, new_password: 'an even longer password' },
  ChangePasswordInput: { old_password: PASSWORD, new_password: 'an even longer password' },
  MailTokenInput: { token: FROM_A_MAIL },
  ResendVerificationInput: { email: 'alice@example.com' },
  ChangeEmailInput: { new_email: 'alice@example.org', password: PASSWORD },
  UpdateMeInput: { avatar_url: 'https://example.com/alice.png', quota_mails: true },
  Proof: { password: PASSWORD },

  SecondFactorVerifyInput: { mfa_token: FROM_A_SIGN_IN, code: '123456' },
  SecondFactorEnrolInput: { mfa_token: FROM_A_SIGN_IN },
  SecondFactorEnrolConfirmInput: { mfa_token: FROM_A_SIGN_IN, code: '123456' },
  SecondFactorCode: { code: '123456' },

  OAuthCallbackInput: CALLBACK,
  TokenLoginInput: CALLBACK,
  FormFields: {
    grant_type: 'refresh_token',
    refresh_token: FROM_A_SIGN_IN,
    client_id: 'my-application',
  },
  OAuthInteractionInput: { request: FROM_A_SIGN_IN, decision: 'approve' },
  OAuthDeviceInput: { user_code: 'BDWP-HQPK', decision: 'approve' },
  OAuthClientMetadata: {
    client_name: 'My application',
    redirect_uris: ['https://app.example.com/callback'],
  },
  CreateOwnOAuthClientInput: {
    name: 'My application',
    redirect_uris: ['https://app.example.com/callback'],
  },
  UpdateOwnOAuthClientInput: { name: 'Another application' },
  CreateOAuthClientInput: {
    name: 'My application',
    redirect_uris: ['https://app.example.com/callback'],
  },
  UpdateOAuthClientInput: { name: 'My application' },
  ReplaceOAuthSecretInput: { keep_seconds: 3600 },

  CreateKeyInput: KEY,
  UpdateKeyInput: KEY,
  KeyStatusInput: { is_active: false },

  CreateUserInput: { ...USER, role: 'user' },
  UpdateUserInput: { trust_level: 2 },
  BanInput: { reason: 'Shared the key in public.' },
  AddUserInput: { username: 'alice', password: PASSWORD, role: 'user' },
  UserName: { username: 'alice' },
  RenameInput: { old_username: 'alice', new_username: 'alice-b' },
  SetPasswordInput: { username: 'alice', new_password: 'an even longer password' },
  SetActiveInput: { username: 'alice', is_active: false },
  CatalogModelInput: { weight: 0.5, is_enabled: true },

  AuthorizeInput: { is_shared: 0 },
  CallbackInput: {
    callback_url:
      'http://localhost:42532/oauth-callback?code=4%2F0AbUR2VMeHxkP9&state=nT8kPq3vXw7y',
  },
  PreferenceInput: { prefer_shared: 0 },
  ImportAccountInput: { refresh_token: '1//0gXk2tJr7pLw5nHc9dFz4gTa6e', is_shared: 0 },
  AccountProjectInput: { project_id: 'my-project-1234' },
  StatusInput: { status: 1 },
  TypeInput: { is_shared: 1 },
  NameInput: { name: 'The one for work' },
}
