import type pg from 'pg'

/** Runs single statements, each a transaction of its own: a pool, or a client outside a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>
