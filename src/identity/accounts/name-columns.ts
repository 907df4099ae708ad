import { foldName } from '../../platform/folding.ts'
import { skeletonOf } from './skeleton.ts'

/** A user name as it was chosen, folded, and what it looks like. */
export interface NameColumns {
  username: string
  usernameKey: string
  usernameSkeleton: string
}

/**
 * What is written down of a user name. The indexes of its key and its skeleton keep two people from
 * having what others take for one name.
 */
export function nameColumns(username: string): NameColumns {
  return {
    username,
    usernameKey: foldName(username),
    usernameSkeleton: skeletonOf(username),
  }
}
