ALTER TABLE "inbox"."kafka_offset" ADD COLUMN "positions" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
-- A page holds a row's versions of the next moves, so that they need no entries in the index.
ALTER TABLE "inbox"."kafka_offset" SET (fillfactor = 10);--> statement-breakpoint
-- Positions also stay where the row of the offset was deleted, so that the partition was read from its start.
INSERT INTO "inbox"."kafka_offset" ("group_name", "topic", "partition", "positions")
SELECT group_name, topic, partition, array_agg(format('%s/%s/%s.%s', log, shard, n, id) ORDER BY log, shard)
FROM "inbox"."position" WHERE n >= 0
GROUP BY group_name, topic, partition
ON CONFLICT ("group_name", "topic", "partition") DO UPDATE SET "positions" = excluded."positions";--> statement-breakpoint
DROP TABLE "inbox"."position";
