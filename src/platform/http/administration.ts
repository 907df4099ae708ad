import type { Permission } from '../../permissions.ts'

/**
 * What the endpoints of the administration have in common; spread it into their declarations.
 *
 * @param permission what they need
 */
export function administration<Needed extends Permission>(permission: Needed) {
  return { tag: 'Administration', auth: { permission } } as const
}
