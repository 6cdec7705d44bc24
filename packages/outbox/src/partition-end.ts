/** SQL: the first id beyond the partition `c` (of pg_class) of a table that is partitioned by id; null for any other table. */
export const partitionEnd = String.raw`substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \(''(\d+)''\)')::bigint`
