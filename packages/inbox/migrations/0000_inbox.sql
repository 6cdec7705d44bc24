CREATE SCHEMA IF NOT EXISTS "inbox";
--> statement-breakpoint
CREATE TABLE "inbox"."consumer_group" (
	"name" text PRIMARY KEY NOT NULL,
	"registered_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inbox"."dead_letter" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "inbox"."dead_letter_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"group_name" text NOT NULL,
	"topic" text NOT NULL,
	"partition" integer NOT NULL,
	"kafka_offset" bigint NOT NULL,
	"place" text,
	"message_id" text,
	"key" "bytea",
	"value" "bytea",
	"headers" json NOT NULL,
	"published_at" timestamp with time zone NOT NULL,
	"reason" text NOT NULL,
	"attempts" integer NOT NULL,
	"first_failed_at" timestamp with time zone NOT NULL,
	"last_failed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"replay_requested_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "inbox"."kafka_offset" (
	"group_name" text NOT NULL,
	"topic" text NOT NULL,
	"partition" integer NOT NULL,
	"next_offset" bigint,
	CONSTRAINT "kafka_offset_group_name_topic_partition_pk" PRIMARY KEY("group_name","topic","partition")
);
--> statement-breakpoint
CREATE TABLE "inbox"."position" (
	"group_name" text NOT NULL,
	"topic" text NOT NULL,
	"partition" integer NOT NULL,
	"log" text NOT NULL,
	"shard" integer NOT NULL,
	"n" bigint DEFAULT -1 NOT NULL,
	"id" bigint DEFAULT -1 NOT NULL,
	CONSTRAINT "position_group_name_topic_partition_log_shard_pk" PRIMARY KEY("group_name","topic","partition","log","shard")
);
--> statement-breakpoint
CREATE INDEX "dead_letter_by_group" ON "inbox"."dead_letter" USING btree ("group_name","id");--> statement-breakpoint
CREATE INDEX "dead_letter_to_replay" ON "inbox"."dead_letter" USING btree ("group_name","id") WHERE "inbox"."dead_letter"."replay_requested_at" is not null;