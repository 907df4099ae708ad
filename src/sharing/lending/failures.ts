import { AppError } from '../../errors.ts'

const notYours = () => new AppError('not_found', 'You have no account of this id.')

/** Somebody else's account is none that the person knows of. */
export const accountUnknown = { 403: notYours, 404: notYours }
