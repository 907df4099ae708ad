import type { Answer } from '../../lib/api.ts'
import { span, timeOfDay, units } from '../../lib/format.ts'
import { homeWords } from './words.ts'

export type Pool = Answer<'/api/quotas', 'get'>['pools'][number]

const WIDTH = 280
const HEIGHT = 56
const RECOVERY_SECONDS = 5 * 3600

/** One pool: what is there, and how it comes back. */
export function PoolCard({ pool, isOnly }: { pool: Pool; isOnly?: boolean }) {
  const t = homeWords()
  const { balance, ceiling, available, reserved, full_in, recovers_per_hour } = pool
  const isFull = balance >= ceiling && ceiling > 0
  return (
    <article class="card stack tight">
      <div class="row between">
        <h3>{pool.group !== '*' ? pool.group : isOnly ? t.everyGroup : t.anyGroup}</h3>
        <span class="small muted">{t.recovers(units(recovers_per_hour))}</span>
      </div>
      <p>
        <strong class="number large">{units(available)}</strong>{' '}
        <span class="muted small">
          {t.of(units(ceiling))}
          {reserved > 0 && <>, {t.reserved(units(reserved))}</>}
        </span>
      </p>
      <Curve pool={pool} />
      <p class="small muted">
        {isFull
          ? t.full
          : full_in === null || ceiling === 0
            ? t.neverFull
            : t.fullIn(span(full_in), timeOfDay(new Date(Date.now() + full_in * 1000)))}
      </p>
    </article>
  )
}

/** From now, at the left, to when it is full: the recovery is a straight line that ends at the ceiling. */
function Curve({ pool: { balance, ceiling, full_in } }: { pool: Pool }) {
  const t = homeWords()
  const part = ceiling > 0 ? Math.min(1, Math.max(0, balance / ceiling)) : 0
  const y = (fraction: number) => HEIGHT - 4 - fraction * (HEIGHT - 10)
  const fullAt =
    full_in === null || ceiling === 0 ? null : Math.min(1, full_in / RECOVERY_SECONDS) * WIDTH
  const line =
    fullAt === null
      ? `M0 ${y(part)}H${WIDTH}`
      : `M0 ${y(part)}L${Math.max(fullAt, 1)} ${y(1)}H${WIDTH}`
  return (
    <svg
      class="curve"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={t.curve}
      preserveAspectRatio="none"
    >
      <path d={`M0 ${y(1)}H${WIDTH}`} class="curve-full" />
      <path d={`${line}V${HEIGHT}H0Z`} class="curve-area" />
      <path d={line} class="curve-line" />
    </svg>
  )
}
