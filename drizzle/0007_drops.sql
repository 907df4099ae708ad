CREATE TABLE "account_drops" (
	"id" text PRIMARY KEY NOT NULL,
	"cookie_id" text NOT NULL,
	"meter" text NOT NULL,
	"model" text,
	"started_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone NOT NULL,
	"lost" integer NOT NULL,
	"outside" integer NOT NULL,
	"calls" double precision NOT NULL,
	"tokens" double precision NOT NULL
);
--> statement-breakpoint
CREATE TABLE "account_meters" (
	"cookie_id" text NOT NULL,
	"meter" text NOT NULL,
	"version" bigint NOT NULL,
	"level" integer NOT NULL,
	"top" integer NOT NULL,
	"top_at" timestamp with time zone NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"open_since" timestamp with time zone NOT NULL,
	"last_ended_at" timestamp with time zone NOT NULL,
	CONSTRAINT "account_meters_cookie_id_meter_pk" PRIMARY KEY("cookie_id","meter")
);
--> statement-breakpoint
CREATE TABLE "archived_until" (
	"what" text PRIMARY KEY NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "consumption_months" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "consumption_months_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"month" date NOT NULL,
	"user_id" integer,
	"cookie_id" text NOT NULL,
	"model" text NOT NULL,
	"is_shared" boolean NOT NULL,
	"calls" bigint NOT NULL,
	"tokens" bigint NOT NULL,
	"amount" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "drop_shares" (
	"log_id" text NOT NULL,
	"drop_id" text NOT NULL,
	"cookie_id" text NOT NULL,
	"meter" text NOT NULL,
	"part" double precision NOT NULL,
	"tokens" double precision NOT NULL,
	"amount" integer NOT NULL,
	CONSTRAINT "drop_shares_log_id_drop_id_pk" PRIMARY KEY("log_id","drop_id")
);
--> statement-breakpoint
CREATE TABLE "key_usage" (
	"api_key_id" integer NOT NULL,
	"day" date NOT NULL,
	"quota" bigint NOT NULL,
	CONSTRAINT "key_usage_api_key_id_day_pk" PRIMARY KEY("api_key_id","day")
);
--> statement-breakpoint
DROP INDEX "consumption_rows_account_index";--> statement-breakpoint
ALTER TABLE "consumption_rows" ADD COLUMN "meter" text;--> statement-breakpoint
ALTER TABLE "consumption_rows" ADD COLUMN "started_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "consumption_rows" ADD COLUMN "is_timed" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "consumption_rows" ADD COLUMN "is_pending" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_logs" ADD COLUMN "interim_quota" integer;--> statement-breakpoint
ALTER TABLE "consumption_months" ADD CONSTRAINT "consumption_months_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "drop_shares" ADD CONSTRAINT "drop_shares_log_id_consumption_rows_log_id_fk" FOREIGN KEY ("log_id") REFERENCES "public"."consumption_rows"("log_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "key_usage" ADD CONSTRAINT "key_usage_api_key_id_api_keys_id_fk" FOREIGN KEY ("api_key_id") REFERENCES "public"."api_keys"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "account_drops_account_index" ON "account_drops" USING btree ("cookie_id","meter","ended_at");--> statement-breakpoint
CREATE INDEX "account_drops_meter_index" ON "account_drops" USING btree ("meter","ended_at");--> statement-breakpoint
CREATE INDEX "account_drops_ended_index" ON "account_drops" USING btree ("ended_at");--> statement-breakpoint
CREATE INDEX "consumption_months_user_index" ON "consumption_months" USING btree ("user_id","month");--> statement-breakpoint
CREATE INDEX "consumption_months_account_index" ON "consumption_months" USING btree ("cookie_id","month");--> statement-breakpoint
CREATE INDEX "drop_shares_drop_index" ON "drop_shares" USING btree ("drop_id") WHERE "drop_shares"."drop_id" <> '';--> statement-breakpoint
CREATE INDEX "drop_shares_waiting_index" ON "drop_shares" USING btree ("cookie_id","meter") WHERE "drop_shares"."drop_id" = '';--> statement-breakpoint
CREATE INDEX "key_usage_day_index" ON "key_usage" USING btree ("day");--> statement-breakpoint
CREATE INDEX "consumption_rows_meter_index" ON "consumption_rows" USING btree ("cookie_id","meter","consumed_at");--> statement-breakpoint
CREATE INDEX "consumption_rows_usage_index" ON "consumption_rows" USING btree ("usage_id");--> statement-breakpoint
CREATE INDEX "consumption_rows_consumed_index" ON "consumption_rows" USING btree ("consumed_at");--> statement-breakpoint
CREATE INDEX "consumption_rows_pending_index" ON "consumption_rows" USING btree ("cookie_id") WHERE "consumption_rows"."is_pending";--> statement-breakpoint
CREATE INDEX "quota_ledger_detail_index" ON "quota_ledger" USING btree ("created_at") WHERE "quota_ledger"."key" not like 'month:%';--> statement-breakpoint
INSERT INTO "key_usage" ("api_key_id", "day", "quota")
SELECT "api_key_id", "day", sum("quota") FROM (
	SELECT l."api_key_id", (l."created_at" at time zone 'UTC')::date AS "day", l."quota"::bigint AS "quota"
	FROM "usage_logs" l
	WHERE l."api_key_id" IS NOT NULL AND l."created_at" >= date_trunc('month', now() at time zone 'UTC') at time zone 'UTC'
	UNION ALL
	SELECT k."api_key_id", k."day", k."quota" FROM "usage_daily_keys" k JOIN "usage_days" d ON d."day" = k."day"
	WHERE k."api_key_id" IS NOT NULL AND k."day" >= date_trunc('month', now() at time zone 'UTC')::date
		AND d."closed_at" IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM "usage_logs" l WHERE l."created_at" >= k."day"::timestamp at time zone 'UTC'
			AND l."created_at" < (k."day" + 1)::timestamp at time zone 'UTC')
) used GROUP BY "api_key_id", "day" HAVING sum("quota") <> 0;
