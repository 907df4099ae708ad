import { useGet } from '../../lib/queries.ts'
import { Loading } from '../../ui/feedback.tsx'
import { NotFound } from '../not-found.tsx'
import { Applications } from './applications.tsx'
import { Audit } from './audit.tsx'
import { Jobs } from './jobs.tsx'
import { Models } from './models.tsx'
import { Overview } from './overview.tsx'
import { People } from './people.tsx'
import { PersonPage } from './person.tsx'
import { Settings } from './settings.tsx'
import { SigningKeys } from './signing-keys.tsx'

/** The pages of those who run the service, as far as their role reaches. */
export function Administration({ page, id }: { page?: string; id?: string }) {
  const me = useGet('/api/auth/me').data
  if (!me) return <Loading />
  if (page === 'models' && id === undefined && /^(admin|model_manager)$/.test(me.role))
    return <Models />
  if (me.role !== 'admin') return <NotFound />
  if (page === 'people' && id !== undefined) return <PersonPage key={id} id={id} />
  if (id !== undefined) return <NotFound />
  switch (page) {
    case undefined:
      return <Overview />
    case 'people':
      return <People />
    case 'applications':
      return <Applications />
    case 'jobs':
      return <Jobs />
    case 'audit':
      return <Audit />
    case 'settings':
      return <Settings />
    case 'signing-keys':
      return <SigningKeys />
    default:
      return <NotFound />
  }
}
