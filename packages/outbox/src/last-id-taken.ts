/** SQL: the last id that was handed out. An unused sequence says 1 and means 0. */
export const lastIdTaken = '(select last_value - (not is_called)::int from outbox.message_id_seq)'
