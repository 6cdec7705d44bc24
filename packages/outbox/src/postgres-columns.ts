import { customType } from 'drizzle-orm/pg-core'

/** Bytes. */
export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

/** A transaction's id that never wraps; its text form, as it exceeds a JavaScript number. */
export const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' })

/** What a moment saw, `xmin:xmax:xip,…`: every transaction below xmax but those listed had ended. */
export const pgSnapshot = customType<{ data: string }>({ dataType: () => 'pg_snapshot' })
