import type { Queryable } from '@outbox/outbox/queryable'
import { type Finding, ok, warning, wrong } from './finding.ts'

type Privileges = { role: string; missing: string[]; ownsLog: boolean; seesAll: boolean }

/**
 * Whether the role may do what the apps do in the schemas that are there. The apps may have other roles: it is this one that is
 * checked.
 */
export async function checkPrivileges(db: Queryable): Promise<Finding[]> {
  const { rows: found } = await db.query<{ schema: string }>(
    "select nspname as schema from pg_namespace where nspname in ('outbox', 'inbox', 'ledger') order by nspname",
  )
  const schemas = found.map(({ schema }) => schema)
  if (!schemas.includes('outbox')) return []
  const { rows } = await db.query<Privileges>(text, [schemas])
  return privilegeFindings(rows[0] as Privileges, schemas)
}

function privilegeFindings({ role, missing, ownsLog, seesAll }: Privileges, schemas: readonly string[]): Finding[] {
  const to = `to ${role}`
  return [
    missing.length === 0
      ? ok('privileges', `role ${role} may read and write in ${schemas.join(', ')}`)
      : wrong(
          'privileges',
          `role ${role} lacks ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ` and ${missing.length - 5} more` : ''}`,
          `grant usage on schema ${schemas.join(', ')} ${to}; the same for select, insert, update, delete on all tables, ` +
            'and usage, select on all sequences in them',
        ),
    ownsLog
      ? ok('partition-owner', `role ${role} may make and drop partitions`)
      : warning(
          'partition-owner',
          `role ${role} doesn't own outbox.message: apps with this role make no partitions ahead and drop no old ones`,
          `let a relay run under the owner's role, or grant that role ${to}`,
        ),
    seesAll
      ? ok('sees-sessions', `role ${role} sees the sessions of all roles`)
      : warning(
          'sees-sessions',
          `role ${role} sees no transactions of other roles' sessions`,
          `grant pg_read_all_stats ${to}`,
        ),
  ]
}

const text = `
  with relation as (
    select c.oid, c.relkind, n.nspname || '.' || c.relname as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any ($1::text[]) and c.relkind in ('r', 'p', 'S') and not c.relispartition
  ), needed as (
    select oid, name, privilege from relation, unnest(array['select', 'insert', 'update', 'delete']) as privilege
    where relkind <> 'S' and (privilege = 'select' or name not like '%.migration')
  ), missing as (
    select 'usage on schema ' || schema as what, 1 as rank
    from unnest($1::text[]) as schema where not has_schema_privilege(schema, 'usage')
    union all
    select privilege || ' on ' || name, 2 from needed where not has_table_privilege(oid, privilege)
    union all
    select 'usage on ' || name, 3 from relation where case relkind when 'S' then not has_sequence_privilege(oid, 'usage') end
  )
  select current_user as role, array(select what from missing order by rank, what) as missing,
    (select pg_has_role(relowner, 'usage') from pg_class
      where relname = 'message' and relnamespace = 'outbox'::regnamespace) as "ownsLog",
    pg_has_role('pg_read_all_stats', 'usage') as "seesAll"`
