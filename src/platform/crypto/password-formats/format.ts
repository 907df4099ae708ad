/** One way in which passwords are hashed. */
export interface PasswordFormat {
  /** Whether the hash is of this format and costs no more than one isolate can afford. */
  reads(stored: string): boolean
  verify(password: string, stored: string): Promise<boolean>
}
