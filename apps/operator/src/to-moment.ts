import type { Queryable } from '@outbox/outbox/queryable'
import { InvalidArgumentError } from 'commander'

/** A time, or how long ago it is: an interval as PostgreSQL reads it. */
export type Moment = Date | { ago: string }

/** Reads what an operator writes for a time; without a zone it is UTC, as all times are shown. */
export function toMoment(text: string): Moment {
  if (/^[1-9][0-9]{0,5}(s|m|h|d)$/.test(text)) return { ago: text }
  const [, date, time = 'T00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? []
  const moment = new Date(`${date}${time}${zone}`)
  if (Number.isNaN(moment.getTime()))
    throw new InvalidArgumentError('Write 2026-11-24, 2026-11-24T13:00Z, or so long ago: 90s, 30m, 2h, 7d.')
  return moment
}

/** The time itself; "ago" goes by the database's clock, as the times of the messages do. */
export async function timeOf(db: Queryable, moment: Moment): Promise<Date> {
  if (moment instanceof Date) return moment
  const { rows } = await db.query<{ at: Date }>('select statement_timestamp() - $1::interval as at', [moment.ago])
  return rows[0]?.at ?? new Date(Number.NaN)
}
