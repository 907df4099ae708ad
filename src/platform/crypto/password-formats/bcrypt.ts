import { compare } from 'bcryptjs'
import type { PasswordFormat } from './format.ts'

/** Each step doubles the work; 13 is about one second in JavaScript. */
const MAX_COST = 13

const FORM = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/

/** bcrypt (`$2a$`, `$2b$`, `$2y$`); it looks at the first 72 bytes of a password only. */
export const bcrypt: PasswordFormat = {
  reads(stored) {
    const cost = Number(FORM.exec(stored)?.[1] ?? 0)
    return cost >= 4 && cost <= MAX_COST
  },
  verify: (password, stored) => compare(password, stored),
}
