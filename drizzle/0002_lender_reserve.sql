CREATE TABLE "lent_accounts" (
	"cookie_id" text PRIMARY KEY NOT NULL,
	"user_id" integer,
	"hold" text,
	"model" text,
	"quota_left" integer,
	"held_until" timestamp with time zone,
	"look_at" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "quota_holders" ADD COLUMN "held_back_accounts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "lent_accounts" ADD CONSTRAINT "lent_accounts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "lent_accounts_user_index" ON "lent_accounts" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "lent_accounts_look_index" ON "lent_accounts" USING btree ("look_at") WHERE "lent_accounts"."look_at" is not null;