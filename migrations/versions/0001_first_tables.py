"""first tables"""

import sqlalchemy as sa
from alembic import op

import bot.models.base

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_inbox")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_at"), ["at"], unique=False)

    op.create_table(
        "lanes",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("next_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lease_until", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("paused_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_lanes")),
    )
    with op.batch_alter_table("lanes", schema=None) as batch_op:
        batch_op.create_index(
            "ix_lanes_next_at",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("pending > 0"),
            postgresql_where=sa.text("pending > 0"),
        )

    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("until", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slack_id", sa.String(length=20), nullable=True),
        sa.Column("salesforce_id", sa.String(length=18), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("is_member", sa.Boolean(), nullable=False),
        sa.Column("is_active_in_salesforce", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("salesforce_id", name=op.f("uq_people_salesforce_id")),
        sa.UniqueConstraint("slack_id", name=op.f("uq_people_slack_id")),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_email"), ["email"], unique=False)

    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opaque_id", sa.String(length=36), nullable=False),
        sa.Column("noun", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(length=40), nullable=False),
        sa.Column("under", sa.String(length=40), nullable=True),
        sa.Column("recipient", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=True),
        sa.Column("ts", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("noun", "subject_id", "slot", name=op.f("uq_posts_noun_subject_id_slot")),
        sa.UniqueConstraint("opaque_id", name=op.f("uq_posts_opaque_id")),
    )
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posts_channel"), ["channel"], unique=False)

    op.create_table(
        "systems",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("writes", sa.String(length=3), nullable=False),
        sa.Column("live_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("go_lives", sa.Integer(), nullable=False),
        sa.Column("read_to_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("silent_since_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_systems")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("salesforce_id", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("search_name", sa.String(length=255), nullable=False),
        sa.Column("health", sa.String(length=255), nullable=True),
        sa.Column("ae_id", sa.Integer(), nullable=True),
        sa.Column("ce_id", sa.Integer(), nullable=True),
        sa.Column("region", sa.String(length=255), nullable=True),
        sa.Column("tier", sa.String(length=255), nullable=True),
        sa.Column("arr", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("renewal_on", sa.Date(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("weekly_users", sa.Integer(), nullable=True),
        sa.Column("usage_change", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("usage_as_of", sa.Date(), nullable=True),
        sa.Column("health_score", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("last_contact_on", sa.Date(), nullable=True),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("refreshed_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ae_id"], ["people.id"], name=op.f("fk_accounts_ae_id")),
        sa.ForeignKeyConstraint(["ce_id"], ["people.id"], name=op.f("fk_accounts_ce_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("salesforce_id", name=op.f("uq_accounts_salesforce_id")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_ae_id"), ["ae_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_accounts_ce_id"), ["ce_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_accounts_health"), ["health"], unique=False)
        batch_op.create_index(batch_op.f("ix_accounts_search_name"), ["search_name"], unique=False)

    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("noun", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("was", sa.String(length=60), nullable=True),
        sa.Column("became", sa.String(length=60), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_history_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.create_index("ix_history_noun_subject_id", ["noun", "subject_id", "id"], unique=False)

    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("opaque_id", sa.String(length=36), nullable=False),
        sa.Column("recipient", sa.String(length=20), nullable=False),
        sa.Column("message", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("under_id", sa.Integer(), nullable=True),
        sa.Column("created_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=True),
        sa.Column("ts", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["under_id"], ["posts.id"], name=op.f("fk_notices_under_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_notices_key")),
        sa.UniqueConstraint("opaque_id", name=op.f("uq_notices_opaque_id")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notices_under_id"), ["under_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("lane", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_sent_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lane"], ["lanes.key"], name=op.f("fk_outbox_lane")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_lane_pending",
            ["lane", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index("ix_outbox_state_id", ["state", "id"], unique=False)

    op.create_table(
        "red_accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("has_card", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("red_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_from_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("fill_in_by_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lead_from_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lead_told", sa.Boolean(), nullable=False),
        sa.Column("nudged_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("filled_in_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ended_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_red_accounts_account_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_red_accounts_by_id")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["people.id"], name=op.f("fk_red_accounts_confirmed_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["people.id"], name=op.f("fk_red_accounts_ended_by_id")),
        sa.ForeignKeyConstraint(["previous_id"], ["red_accounts.id"], name=op.f("fk_red_accounts_previous_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_red_accounts")),
    )
    with op.batch_alter_table("red_accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_red_accounts_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "uq_red_accounts_one_under_way",
            ["account_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('proposed', 'open')"),
            postgresql_where=sa.text("status IN ('proposed', 'open')"),
        )

    op.create_table(
        "action_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("red_account_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_action_items_by_id")),
        sa.ForeignKeyConstraint(["red_account_id"], ["red_accounts.id"], name=op.f("fk_action_items_red_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_items")),
    )
    with op.batch_alter_table("action_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_action_items_red_account_id"), ["red_account_id"], unique=False)

    op.create_table(
        "asks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("red_account_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("of", sa.Text(), nullable=True),
        sa.Column("needed_on", sa.Date(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_asks_by_id")),
        sa.ForeignKeyConstraint(["red_account_id"], ["red_accounts.id"], name=op.f("fk_asks_red_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asks")),
    )
    with op.batch_alter_table("asks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asks_red_account_id"), ["red_account_id"], unique=False)

    op.create_table(
        "health_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("red_account_id", sa.Integer(), nullable=False),
        sa.Column("seen", sa.String(length=255), nullable=True),
        sa.Column("wanted", sa.String(length=40), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_health_changes_account_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_health_changes_by_id")),
        sa.ForeignKeyConstraint(["red_account_id"], ["red_accounts.id"], name=op.f("fk_health_changes_red_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_changes")),
    )
    with op.batch_alter_table("health_changes", schema=None) as batch_op:
        batch_op.create_index("ix_health_changes_account_id_state", ["account_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_health_changes_red_account_id"), ["red_account_id"], unique=False)

    op.create_table(
        "resolutions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("red_account_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lead_from_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lead_told", sa.Boolean(), nullable=False),
        sa.Column("ended_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_resolutions_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["people.id"], name=op.f("fk_resolutions_ended_by_id")),
        sa.ForeignKeyConstraint(["red_account_id"], ["red_accounts.id"], name=op.f("fk_resolutions_red_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resolutions")),
    )
    with op.batch_alter_table("resolutions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resolutions_red_account_id"), ["red_account_id"], unique=False)
        batch_op.create_index(
            "uq_resolutions_one_asked",
            ["red_account_id"],
            unique=True,
            sqlite_where=sa.text("state = 'asked'"),
            postgresql_where=sa.text("state = 'asked'"),
        )

    op.create_table(
        "sheet_rows",
        sa.Column("red_account_id", sa.Integer(), nullable=False),
        sa.Column("synced", sa.JSON(), nullable=False),
        sa.Column("writing", sa.JSON(), nullable=False),
        sa.Column("synced_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["red_account_id"], ["red_accounts.id"], name=op.f("fk_sheet_rows_red_account_id")),
        sa.PrimaryKeyConstraint("red_account_id", name=op.f("pk_sheet_rows")),
    )
    systems = sa.table("systems", *(sa.column(name) for name in ("name", "writes", "go_lives")))
    rows = [{"name": name, "writes": "off", "go_lives": 0} for name in ("slack", "salesforce", "sheets")]
    op.bulk_insert(systems, rows)


def downgrade() -> None:
    op.drop_table("sheet_rows")
    with op.batch_alter_table("resolutions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_resolutions_one_asked",
            sqlite_where=sa.text("state = 'asked'"),
            postgresql_where=sa.text("state = 'asked'"),
        )
        batch_op.drop_index(batch_op.f("ix_resolutions_red_account_id"))

    op.drop_table("resolutions")
    with op.batch_alter_table("health_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_health_changes_red_account_id"))
        batch_op.drop_index("ix_health_changes_account_id_state")

    op.drop_table("health_changes")
    with op.batch_alter_table("asks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_asks_red_account_id"))

    op.drop_table("asks")
    with op.batch_alter_table("action_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_action_items_red_account_id"))

    op.drop_table("action_items")
    with op.batch_alter_table("red_accounts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_red_accounts_one_under_way",
            sqlite_where=sa.text("status IN ('proposed', 'open')"),
            postgresql_where=sa.text("status IN ('proposed', 'open')"),
        )
        batch_op.drop_index(batch_op.f("ix_red_accounts_account_id"))

    op.drop_table("red_accounts")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_state_id")
        batch_op.drop_index(
            "ix_outbox_lane_pending",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )

    op.drop_table("outbox")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notices_under_id"))

    op.drop_table("notices")
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.drop_index("ix_history_noun_subject_id")

    op.drop_table("history")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_search_name"))
        batch_op.drop_index(batch_op.f("ix_accounts_health"))
        batch_op.drop_index(batch_op.f("ix_accounts_ce_id"))
        batch_op.drop_index(batch_op.f("ix_accounts_ae_id"))

    op.drop_table("accounts")
    op.drop_table("systems")
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_posts_channel"))

    op.drop_table("posts")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_email"))

    op.drop_table("people")
    op.drop_table("leases")
    with op.batch_alter_table("lanes", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_lanes_next_at", sqlite_where=sa.text("pending > 0"), postgresql_where=sa.text("pending > 0")
        )

    op.drop_table("lanes")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbox_at"))

    op.drop_table("inbox")
