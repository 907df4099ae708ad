ALTER TABLE "api_keys" ADD COLUMN "made_as" text DEFAULT 'user' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "tenure" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "email_changes" ADD COLUMN "is_new_proven" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "email_changes" ADD COLUMN "tenure" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "username_skeleton" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "open_claim" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "tenure" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "key_tenure" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE "api_keys" SET "made_as" = "users"."role" FROM "users" WHERE "users"."id" = "api_keys"."user_id";--> statement-breakpoint
UPDATE "users" SET "username_skeleton" = "first"."skeleton" FROM (
	SELECT min("id") AS "id", replace(translate("username_key", '01', 'ol'), 'm', 'rn') AS "skeleton"
	FROM "users" WHERE "username_key" ~ '^[ -~]+$' GROUP BY 2
) AS "first" WHERE "first"."id" = "users"."id";--> statement-breakpoint
CREATE UNIQUE INDEX "users_username_skeleton_unique" ON "users" USING btree ("username_skeleton");