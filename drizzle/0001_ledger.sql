CREATE TABLE "model_catalog" (
	"id" text PRIMARY KEY NOT NULL,
	"group_name" text NOT NULL,
	"weight" integer DEFAULT 10000 NOT NULL,
	"is_enabled" boolean DEFAULT true NOT NULL,
	"request_estimate" integer
);
--> statement-breakpoint
CREATE TABLE "consumption_rows" (
	"log_id" text PRIMARY KEY NOT NULL,
	"user_id" integer,
	"cookie_id" text NOT NULL,
	"model" text NOT NULL,
	"group_name" text NOT NULL,
	"is_shared" boolean NOT NULL,
	"quota_before" integer NOT NULL,
	"quota_after" integer NOT NULL,
	"consumed_at" timestamp with time zone NOT NULL,
	"usage_id" uuid,
	"tokens" bigint NOT NULL,
	"amount" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quota_holders" (
	"user_id" integer PRIMARY KEY NOT NULL,
	"shared_accounts" integer DEFAULT 0 NOT NULL,
	"dedicated_accounts" integer DEFAULT 0 NOT NULL,
	"ceiling" bigint DEFAULT 0 NOT NULL,
	"balance" bigint DEFAULT 0 NOT NULL,
	"frozen" bigint DEFAULT 0 NOT NULL,
	"accrued_at" timestamp with time zone NOT NULL,
	"remainder" bigint DEFAULT 0 NOT NULL,
	"version" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quota_ledger" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "quota_ledger_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" integer NOT NULL,
	"group_name" text NOT NULL,
	"kind" text NOT NULL,
	"amount" bigint NOT NULL,
	"balance_after" bigint NOT NULL,
	"key" text NOT NULL,
	"model" text,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quota_pools" (
	"user_id" integer NOT NULL,
	"group_name" text NOT NULL,
	"ceiling" bigint DEFAULT 0 NOT NULL,
	"balance" bigint DEFAULT 0 NOT NULL,
	"frozen" bigint DEFAULT 0 NOT NULL,
	"accrued_at" timestamp with time zone NOT NULL,
	"remainder" bigint DEFAULT 0 NOT NULL,
	"version" bigint DEFAULT 0 NOT NULL,
	"is_low" boolean DEFAULT false NOT NULL,
	CONSTRAINT "quota_pools_user_id_group_name_pk" PRIMARY KEY("user_id","group_name"),
	CONSTRAINT "quota_pools_frozen_check" CHECK ("quota_pools"."frozen" >= 0)
);
--> statement-breakpoint
CREATE TABLE "usage_daily" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "usage_daily_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"day" date NOT NULL,
	"user_id" integer,
	"api_key_id" integer,
	"model" text,
	"requests" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"prompt_tokens" bigint NOT NULL,
	"completion_tokens" bigint NOT NULL,
	"quota" bigint NOT NULL,
	"duration_buckets" smallint[] NOT NULL,
	"duration_counts" integer[] NOT NULL,
	"first_byte_buckets" smallint[] NOT NULL,
	"first_byte_counts" integer[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "usage_daily_keys" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "usage_daily_keys_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"day" date NOT NULL,
	"user_id" integer,
	"api_key_id" integer,
	"requests" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"prompt_tokens" bigint NOT NULL,
	"completion_tokens" bigint NOT NULL,
	"quota" bigint NOT NULL,
	"duration_buckets" smallint[] NOT NULL,
	"duration_counts" integer[] NOT NULL,
	"first_byte_buckets" smallint[] NOT NULL,
	"first_byte_counts" integer[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "usage_daily_models" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "usage_daily_models_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"day" date NOT NULL,
	"model" text,
	"requests" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"prompt_tokens" bigint NOT NULL,
	"completion_tokens" bigint NOT NULL,
	"quota" bigint NOT NULL,
	"duration_buckets" smallint[] NOT NULL,
	"duration_counts" integer[] NOT NULL,
	"first_byte_buckets" smallint[] NOT NULL,
	"first_byte_counts" integer[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "usage_daily_people" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "usage_daily_people_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"day" date NOT NULL,
	"user_id" integer,
	"requests" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"prompt_tokens" bigint NOT NULL,
	"completion_tokens" bigint NOT NULL,
	"quota" bigint NOT NULL,
	"duration_buckets" smallint[] NOT NULL,
	"duration_counts" integer[] NOT NULL,
	"first_byte_buckets" smallint[] NOT NULL,
	"first_byte_counts" integer[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "usage_days" (
	"day" date PRIMARY KEY NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"rolled_up_to" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"closed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "webhook_outbox" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" integer,
	"type" text NOT NULL,
	"body" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
DROP INDEX "users_email_key_unique";--> statement-breakpoint
ALTER TABLE "mail_outbox" ALTER COLUMN "content_ciphertext" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "models" text[];--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "requests_per_minute" integer;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "quota_per_day" integer;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "quota_per_month" integer;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "is_active" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "mail_outbox" ADD COLUMN "facts" jsonb;--> statement-breakpoint
ALTER TABLE "usage_logs" ADD COLUMN "quota" integer;--> statement-breakpoint
ALTER TABLE "usage_logs" ADD COLUMN "written_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "wants_quota_mail" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "consumption_rows" ADD CONSTRAINT "consumption_rows_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quota_holders" ADD CONSTRAINT "quota_holders_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quota_ledger" ADD CONSTRAINT "quota_ledger_user_id_quota_holders_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."quota_holders"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quota_pools" ADD CONSTRAINT "quota_pools_user_id_quota_holders_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."quota_holders"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_daily" ADD CONSTRAINT "usage_daily_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_daily" ADD CONSTRAINT "usage_daily_api_key_id_api_keys_id_fk" FOREIGN KEY ("api_key_id") REFERENCES "public"."api_keys"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_daily_keys" ADD CONSTRAINT "usage_daily_keys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_daily_keys" ADD CONSTRAINT "usage_daily_keys_api_key_id_api_keys_id_fk" FOREIGN KEY ("api_key_id") REFERENCES "public"."api_keys"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_daily_people" ADD CONSTRAINT "usage_daily_people_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_outbox" ADD CONSTRAINT "webhook_outbox_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "consumption_rows_user_index" ON "consumption_rows" USING btree ("user_id","consumed_at");--> statement-breakpoint
CREATE INDEX "consumption_rows_account_index" ON "consumption_rows" USING btree ("cookie_id","model","consumed_at");--> statement-breakpoint
CREATE UNIQUE INDEX "quota_ledger_once_unique" ON "quota_ledger" USING btree ("user_id","group_name","kind","key");--> statement-breakpoint
CREATE INDEX "quota_ledger_user_index" ON "quota_ledger" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "quota_pools_recovering_index" ON "quota_pools" USING btree ("accrued_at") WHERE "quota_pools"."balance" < "quota_pools"."ceiling";--> statement-breakpoint
CREATE INDEX "usage_daily_user_index" ON "usage_daily" USING btree ("user_id","day");--> statement-breakpoint
CREATE INDEX "usage_daily_key_index" ON "usage_daily" USING btree ("api_key_id","day");--> statement-breakpoint
CREATE INDEX "usage_daily_model_index" ON "usage_daily" USING btree ("model","day");--> statement-breakpoint
CREATE INDEX "usage_daily_day_index" ON "usage_daily" USING btree ("day");--> statement-breakpoint
CREATE INDEX "usage_daily_keys_user_index" ON "usage_daily_keys" USING btree ("user_id","day");--> statement-breakpoint
CREATE INDEX "usage_daily_keys_key_index" ON "usage_daily_keys" USING btree ("api_key_id","day");--> statement-breakpoint
CREATE INDEX "usage_daily_keys_day_index" ON "usage_daily_keys" USING btree ("day");--> statement-breakpoint
CREATE INDEX "usage_daily_models_day_index" ON "usage_daily_models" USING btree ("day");--> statement-breakpoint
CREATE INDEX "usage_daily_people_user_index" ON "usage_daily_people" USING btree ("user_id","day");--> statement-breakpoint
CREATE INDEX "usage_daily_people_day_index" ON "usage_daily_people" USING btree ("day");--> statement-breakpoint
CREATE INDEX "webhook_outbox_due_index" ON "webhook_outbox" USING btree ("next_attempt_at");--> statement-breakpoint
CREATE INDEX "usage_logs_key_created_index" ON "usage_logs" USING btree ("api_key_id","created_at");--> statement-breakpoint
CREATE INDEX "usage_logs_late_index" ON "usage_logs" USING btree ((("created_at" at time zone 'UTC')::date),"written_at") WHERE "usage_logs"."written_at" - "usage_logs"."created_at" > interval '1 hour';--> statement-breakpoint
CREATE UNIQUE INDEX "users_confirmed_email_unique" ON "users" USING btree ("email_key") WHERE "users"."email_verified_at" is not null;--> statement-breakpoint
CREATE INDEX "users_email_key_index" ON "users" USING btree ("email_key");--> statement-breakpoint
ALTER TABLE "mail_outbox" ADD CONSTRAINT "mail_outbox_content_check" CHECK (num_nonnulls("mail_outbox"."content_ciphertext", "mail_outbox"."facts") = 1);