/**
 * SQL: the last id that was handed out, 0 when none was. Not `select last_value from …`: that reads the sequence without a lock, and
 * each 32nd `nextval` writes for a moment what it will be 32 ids later, for the write-ahead log. A tick that saw such a value took ids
 * for handed out that were not yet, and the messages that got them were never published.
 * @see nextval_internal and pg_sequence_last_value in PostgreSQL's src/backend/commands/sequence.c
 */
export const lastIdTaken = `coalesce(pg_sequence_last_value('outbox.message_id_seq'), 0)`
