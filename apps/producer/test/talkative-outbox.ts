import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import type pg from 'pg'

/**
 * An outbox that refuses a message in the way that the first word of its key names, as somebody's trigger might: each has PostgreSQL say
 * the key, the payload or the headers, in its message or beside it.
 */
export function talkativeOutbox() {
  return freshDatabase(async (pool: pg.Pool) => {
    await migrateOutbox(pool)
    await pool.query(trigger)
  })
}

/** How the database refuses a message, and the status that the producer then answers with. */
export const refusals: [how: string, status: number][] = [
  ['raise', 500],
  ['retriable', 503],
  ['cast', 500],
  ['parse', 500],
  ['unique', 500],
  ['foreign', 500],
  ['null', 500],
  ['check', 500],
  ['syntax', 500],
  ['column', 500],
  ['slow', 503],
  ['terminated', 503],
  ['deferred', 500],
  ['terminated-in-commit', 500],
]

const trigger = `
  create table seen (key text unique, value text not null, size int check (size < 0));
  create table known (key text primary key);
  create table points_at (key text references known, value text);
  create table late (key text, value text, unique (key) deferrable initially deferred);
  create table dying (key text, value text);
  create function die() returns trigger language plpgsql as $$ begin
    perform pg_terminate_backend(pg_backend_pid());
    return null;
  end $$;
  create constraint trigger dies after insert on dying deferrable initially deferred for each row execute function die();
  create function refuse() returns trigger language plpgsql as $$
  declare said text := convert_from(new.payload, 'UTF8');
  begin
    case split_part(new.key, ' ', 1)
      when 'raise' then raise exception 'no % %', new.key, said using detail = said, hint = new.headers::text;
      when 'retriable' then raise exception 'no % %', new.key, said using errcode = 'serialization_failure';
      when 'cast' then perform said::int;
      when 'parse' then perform ('{' || said)::json;
      when 'unique' then insert into seen values (new.key, said), (new.key, said);
      when 'foreign' then insert into points_at values (new.key, said);
      when 'null' then insert into seen values (new.key || said, null);
      when 'check' then insert into seen values (new.key, said, 1);
      when 'syntax' then execute 'select from from ' || said;
      when 'column' then execute 'select ' || split_part(new.key, ' ', 2);
      when 'slow' then execute format('select pg_sleep(60), %L', said);
      when 'terminated' then execute format('select pg_terminate_backend(pg_backend_pid()), %L', said);
      when 'deferred' then insert into late values (new.key, said), (new.key, said);
      when 'terminated-in-commit' then insert into dying values (new.key, said);
      else null;
    end case;
    return new;
  end $$;
  create trigger refuse before insert on outbox.message for each row execute function refuse()`
