CREATE TABLE "model_switches" (
	"cookie_id" text NOT NULL,
	"model" text NOT NULL,
	"switched_by" text NOT NULL,
	"look_at" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "model_switches_cookie_id_model_pk" PRIMARY KEY("cookie_id","model")
);
--> statement-breakpoint
ALTER TABLE "quota_holders" ADD COLUMN "own_spent" text[];--> statement-breakpoint
CREATE INDEX "model_switches_look_index" ON "model_switches" USING btree ("look_at") WHERE "model_switches"."look_at" is not null;