/** Whose it is, what the server says, what our status and message are. */
type Row = readonly [whose: string, status: number, body: string, ours: number, message: string]

export const REFUSALS: readonly Row[] = [
  ['Mistral', 422, '{"message":{"detail":[{"loc":["body","n"],"msg":"bad"}]}}', 400, 'body.n: bad'],
  ['RFC 9457', 400, '{"type":"about:blank","title":"Too long","status":400}', 400, 'Too long'],
  ['Bedrock', 400, '{"__type":"ValidationException","Message":"bad turn"}', 400, 'bad turn'],
  [
    'OpenRouter',
    400,
    '{"error":{"message":"no","metadata":{"raw":"{\\"message\\":\\"why\\"}"}}}',
    400,
    'no: why',
  ],
  [
    'OpenRouter without the model',
    404,
    '{"error":{"message":"No endpoints found for acme/large."}}',
    404,
    'No endpoints found for acme/large.',
  ],
  [
    'MiniMax in a 200',
    200,
    '{"choices":null,"base_resp":{"status_code":2013,"status_msg":"bad role"}}',
    400,
    'bad role',
  ],
  [
    'MiniMax in a 200, busy',
    200,
    '{"choices":null,"base_resp":{"status_code":1002,"status_msg":"slow"}}',
    429,
    'slow',
  ],
  ['Baidu in a 200', 200, '{"error_code":336003,"error_msg":"long"}', 502, 'long'],
  [
    'Tencent in a 200',
    200,
    '{"Response":{"Error":{"Code":"InvalidParameter","Message":"role"}}}',
    400,
    'role',
  ],
  ['DashScope in a 200', 200, '{"code":"Throttling.RateQuota","message":"slow"}', 429, 'slow'],
  ['a router in a 200', 200, '{"success":false,"msg":"no channel"}', 502, 'no channel'],
]
