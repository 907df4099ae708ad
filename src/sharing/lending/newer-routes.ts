import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { importAccount } from './import-account.ts'
import { listProjects, refreshAccount, setProject, showDetail } from './newer-plugin.ts'
import { AccountDetail, ImportInput, ProjectInput, Projects } from './newer-schemas.ts'
import { enveloped, FORM, pluginErrors } from './routes-common.ts'
import { AuthorizedAccount, CookieId, PluginAccount } from './schemas.ts'

const tag = 'AI accounts'
const auth = 'session'
const errors = [...pluginErrors, 'not_found', 'invalid_request'] as const
const NEWER = 'Only the newer AI service does this; the older one answers 404.'

/** What the newer plug-in can do with accounts beyond the older one. */
export const newerEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'post',
      path: '/plugin-api/accounts/import',
      operationId: 'importAccount',
      tag,
      summary: 'Bring an AI account by its refresh token',
      description: `${NEWER} ${FORM}`,
      auth,
      body: ImportInput,
      answer: { status: 200, description: 'The account.', schema: enveloped(AuthorizedAccount) },
      errors: [...errors, 'conflict'],
    },
    async (c, { body }) => ({ success: true, data: await importAccount(c.get('ctx'), body) }),
  ),
  endpoint(
    {
      method: 'post',
      path: '/plugin-api/accounts/:cookie_id/refresh',
      operationId: 'refreshAccount',
      tag,
      summary: 'Renew the sign-in of an AI account',
      description: `An account whose sign-in cannot be renewed has to be brought again. ${NEWER} ${FORM}`,
      auth,
      params: CookieId,
      answer: { status: 200, description: 'The account.', schema: enveloped(PluginAccount) },
      errors: [...errors, 'conflict'],
    },
    async (c, { params }) => ({
      success: true,
      data: await refreshAccount(c.get('ctx'), params.cookie_id),
    }),
  ),
  endpoint(
    {
      method: 'get',
      path: '/plugin-api/accounts/:cookie_id/detail',
      operationId: 'getAccountDetail',
      tag,
      summary: 'Address and tier of an AI account',
      description: `${NEWER} ${FORM}`,
      auth,
      params: CookieId,
      answer: { status: 200, description: 'The detail.', schema: enveloped(AccountDetail) },
      errors,
    },
    async (c, { params }) => ({
      success: true,
      data: await showDetail(c.get('ctx'), params.cookie_id),
    }),
  ),
  endpoint(
    {
      method: 'get',
      path: '/plugin-api/accounts/:cookie_id/projects',
      operationId: 'listAccountProjects',
      tag,
      summary: 'Projects that an AI account can be used in',
      description: `${NEWER} ${FORM}`,
      auth,
      params: CookieId,
      answer: { status: 200, description: 'The projects.', schema: enveloped(Projects) },
      errors,
    },
    async (c, { params }) => ({
      success: true,
      data: await listProjects(c.get('ctx'), params.cookie_id),
    }),
  ),
  endpoint(
    {
      method: 'put',
      path: '/plugin-api/accounts/:cookie_id/project-id',
      operationId: 'setAccountProject',
      tag,
      summary: 'Choose the project of an AI account',
      description: `${NEWER} ${FORM}`,
      auth,
      params: CookieId,
      body: ProjectInput,
      answer: { status: 200, description: 'The account.', schema: enveloped(PluginAccount) },
      errors,
    },
    async (c, { params, body }) => ({
      success: true,
      data: await setProject(c.get('ctx'), params.cookie_id, body.project_id),
    }),
  ),
]
