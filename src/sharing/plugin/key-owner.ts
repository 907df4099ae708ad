/** To whom a sealed plug-in key is bound. */
export const pluginKeyOwner = (userId: number) => `plugin-key:${userId}`
