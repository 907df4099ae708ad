/**
 * A connection string without the name of a driver, as SQLAlchemy writes it:
 * `postgresql+asyncpg://…` becomes `postgresql://…`.
 */
export function withoutDriver(connectionString: string): string {
  return connectionString.trim().replace(/^(postgres(?:ql)?)\+[a-z0-9]+:/i, '$1:')
}
