/**
 * Where Redis keeps the name of the time since it last lost its data. It goes with the data: so a
 * copy that was read from PostgreSQL under one name, and comes to Redis under another, may be older
 * than something that Redis was told of and has forgotten.
 */
export const EPOCH_KEY = 'epoch'
