import type { ClientBase } from 'pg'

/** A pool or a client: whatever runs a single statement. */
export type Queryable = Pick<ClientBase, 'query'>
