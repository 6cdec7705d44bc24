-- A row holds many effects from here on. The rows of runs before are dropped: a ledger is kept for a day at most, and what
-- was counted without them would be taken for a loss. Partitions that were detached but not dropped yet go as well.
DROP TABLE "ledger"."effect";
--> statement-breakpoint
DELETE FROM "ledger"."progress";
--> statement-breakpoint
DO $$
DECLARE
	name text;
BEGIN
	FOR name IN SELECT relname FROM pg_class
		WHERE relnamespace = 'ledger'::regnamespace AND relkind = 'r' AND relname ~ '^effect_[0-9]+$'
	LOOP
		EXECUTE format('DROP TABLE ledger.%I', name);
	END LOOP;
END
$$;
--> statement-breakpoint
CREATE TABLE "ledger"."effect" (
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "ledger"."effect_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"applied_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"progress_id" integer NOT NULL,
	"effects" "bytea" NOT NULL
) PARTITION BY RANGE ("id");
--> statement-breakpoint
-- Never compressed: it would cost more than it saves.
ALTER TABLE "ledger"."effect" ALTER COLUMN "effects" SET STORAGE EXTERNAL;
--> statement-breakpoint
-- As before, but partitions of 10,000 ids: 80 MB of full rows. Room for 80,000 rows more is left when it is called. Rows
-- stay whole up to the size of a page; only a key of kilobytes makes a larger one, which PostgreSQL cuts into pieces.
CREATE OR REPLACE FUNCTION "ledger"."add_partitions"() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	size constant bigint := 10000;
	first bigint := (SELECT last_value / size FROM ledger.effect_id_seq);
	name text;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtextextended('ledger partitions', 0)) THEN
		RETURN;
	END IF;
	FOR part IN first .. first + 15 LOOP
		name := 'effect_' || part;
		CONTINUE WHEN to_regclass('ledger.' || name) IS NOT NULL;
		EXECUTE format('CREATE TABLE ledger.%I (LIKE ledger.effect INCLUDING DEFAULTS INCLUDING STORAGE)
			WITH (autovacuum_enabled = false, toast_tuple_target = 8160)', name);
		EXECUTE format('ALTER TABLE ledger.effect ATTACH PARTITION ledger.%I FOR VALUES FROM (%s) TO (%s)',
			name, part * size, (part + 1) * size);
	END LOOP;
END
$$;
--> statement-breakpoint
SELECT "ledger"."add_partitions"();
