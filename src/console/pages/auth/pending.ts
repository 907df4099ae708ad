/** What is needed for the second step of a sign-in. */
export interface Pending {
  token: string
  mustEnrol: boolean
}
