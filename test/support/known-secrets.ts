import { secretsOf } from './leaks.ts'
import { stack } from './shared-stack.ts'

const known = new Set(secretsOf(stack.bindings))

/** From now on no answer that this test file sees may hold these settings' secrets either. */
export function guardSecretsOf(bindings: Record<string, string>): void {
  for (const secret of secretsOf(bindings)) known.add(secret)
}

/** The secrets in the settings of all Workers that this test file has talked to. */
export const knownSecrets = () => [...known]
