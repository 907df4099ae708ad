UPDATE "users" SET "username_skeleton" = NULL WHERE "username" ~ 'I';--> statement-breakpoint
UPDATE "users" SET "username_skeleton" = "first"."skeleton" FROM (
	SELECT min("id") AS "id", replace(translate(lower(translate("username", 'I', 'l')), '01', 'ol'), 'm', 'rn') AS "skeleton"
	FROM "users" WHERE "username" ~ '^[ -~]*I[ -~]*$' GROUP BY 2
) AS "first" WHERE "first"."id" = "users"."id" AND NOT EXISTS (
	SELECT 1 FROM "users" AS "other" WHERE "other"."username_skeleton" = "first"."skeleton"
);
