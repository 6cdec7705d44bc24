-- A constant default: no row is rewritten. `add_partitions` makes partitions like the parent, so it needs no change.
ALTER TABLE "ledger"."effect" ADD COLUMN "replayed" boolean DEFAULT false NOT NULL;
