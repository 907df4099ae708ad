/** Where Redis keeps one login on one device. */
export const sessionKey = (sessionId: string) => `session:${sessionId}`

/** The name of the present set of a person's sessions: what was opened under another one has ended. */
export const generationKey = (userId: number) => `session-generation:${userId}`
