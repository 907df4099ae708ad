/** Who may open a sealed secret; part of the sealed text. */
export const secretOwner = (userId: number) => `totp:${userId}`
