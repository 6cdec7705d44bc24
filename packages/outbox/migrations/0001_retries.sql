ALTER TABLE "outbox"."shard" ADD COLUMN "paused" boolean DEFAULT false NOT NULL;--> statement-breakpoint
-- What was parked before this migration waits for an operator, and holds nothing. The defaults are for those rows alone.
ALTER TABLE "outbox"."dead_letter" ADD COLUMN "first_id" bigint;--> statement-breakpoint
UPDATE "outbox"."dead_letter" SET "first_id" = "id";--> statement-breakpoint
ALTER TABLE "outbox"."dead_letter" ALTER COLUMN "first_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "outbox"."dead_letter" ADD COLUMN "attempts" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "outbox"."dead_letter" ALTER COLUMN "attempts" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "outbox"."dead_letter" ADD COLUMN "next_attempt_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "outbox"."dead_letter" ADD COLUMN "holds" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "outbox"."dead_letter" ALTER COLUMN "holds" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "outbox"."dead_letter" ADD COLUMN "resent_id" bigint;--> statement-breakpoint
CREATE INDEX "dead_letter_resent_id" ON "outbox"."dead_letter" USING btree ("resent_id") WHERE resent_id is not null;--> statement-breakpoint
CREATE INDEX "dead_letter_due" ON "outbox"."dead_letter" USING btree ("shard","next_attempt_at") WHERE resent_id is null;--> statement-breakpoint
CREATE INDEX "dead_letter_key" ON "outbox"."dead_letter" USING btree ("topic","key","first_id") WHERE holds;
