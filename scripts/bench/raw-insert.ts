import { randomUUID } from 'node:crypto'
import type pg from 'pg'

type Row = { topic: string; key: string; payload: string }

/**
 * The ceiling of an append: the same rows by one bare statement, with columns made beforehand and `pg`'s own arrays.
 * The payload goes as text, which costs `pg` less than bytes.
 */
export function rawInsert(rows: readonly Row[]): (tx: pg.ClientBase) => Promise<unknown> {
  const values = [
    rows.map(() => randomUUID()),
    rows.map(({ topic }) => topic),
    rows.map(({ key }) => key),
    rows.map(({ payload }) => payload),
  ]
  return (tx) => tx.query({ name: 'bench-insert', text: insertText, values })
}

const insertText = `
  insert into outbox.message (message_id, topic, key, payload)
  select message_id, topic, key, convert_to(payload, 'UTF8')
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as given(message_id, topic, key, payload)`
