"""red accounts, whole"""

import sqlalchemy as sa
from alembic import op

import bot.models.base

revision = "0003"
down_revision = "0002"

ADDED = {
    "accounts": (
        "signed_on",
        "deployed_on",
        "is_left_red",
    ),
    "action_items": (
        "serves",
        "owner_id",
        "state",
        "since_at",
        "note",
        "ended_by_id",
        "carried_from_id",
        "task_id",
        "task_synced",
        "handed_at",
        "handed_by_id",
        "reacted_at",
    ),
    "asks": (
        "team",
        "owner_id",
        "otherwise",
        "state",
        "since_at",
        "note",
        "ended_by_id",
        "named_id",
        "taken_at",
        "handed_at",
    ),
    "posts": ("shown",),
    "red_accounts": (
        "relapses",
        "other_reasons",
        "impact",
        "goal",
        "how_we_know",
        "sponsor_id",
        "plan_in_place_at",
        "agreement_asked_at",
        "updated_at",
        "still_red_at",
        "escalated_at",
        "escalated_by_id",
        "thread_seen",
        "off_red_at",
        "health_before",
        "score_at_open",
        "evidence",
        "retro",
        "arr_at_end",
    ),
    "resolutions": ("evidence",),
    "sheet_rows": ("left", "is_missing", "times_added"),
    "systems": ("threads_read_at",),
}


def upgrade() -> None:
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_suggestions_account_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["people.id"], name=op.f("fk_suggestions_ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
    )
    with op.batch_alter_table("suggestions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suggestions_account_id"), ["account_id"], unique=False)

    op.create_table(
        "usage_months",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("weekly_users", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_usage_months_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_months")),
        sa.UniqueConstraint("account_id", "month", name=op.f("uq_usage_months_account_id_month")),
    )
    with op.batch_alter_table("usage_months", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_usage_months_account_id"), ["account_id"], unique=False)

    op.create_table(
        "agreements",
        sa.Column("red_account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=2), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_agreements_by_id")),
        sa.ForeignKeyConstraint(["red_account_id"], ["red_accounts.id"], name=op.f("fk_agreements_red_account_id")),
        sa.PrimaryKeyConstraint("red_account_id", "role", name=op.f("pk_agreements")),
    )
    op.create_table(
        "replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("red_account_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("ts", sa.String(length=20), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("said_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("edited_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("offered_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("refused_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_replies_by_id")),
        sa.ForeignKeyConstraint(["red_account_id"], ["red_accounts.id"], name=op.f("fk_replies_red_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("channel", "ts", name=op.f("uq_replies_channel_ts")),
    )
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_replies_red_account_id"), ["red_account_id"], unique=False)

    op.create_table(
        "sheet_conflicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("red_account_id", sa.Integer(), nullable=False),
        sa.Column("column", sa.String(length=40), nullable=False),
        sa.Column("sheet_says", sa.Text(), nullable=True),
        sa.Column("we_say", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_sheet_conflicts_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["people.id"], name=op.f("fk_sheet_conflicts_ended_by_id")),
        sa.ForeignKeyConstraint(
            ["red_account_id"], ["red_accounts.id"], name=op.f("fk_sheet_conflicts_red_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_conflicts")),
    )
    with op.batch_alter_table("sheet_conflicts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheet_conflicts_red_account_id"), ["red_account_id"], unique=False)
        batch_op.create_index(
            "uq_sheet_conflicts_one_asked",
            ["red_account_id", "column"],
            unique=True,
            sqlite_where=sa.text("state = 'asked'"),
            postgresql_where=sa.text("state = 'asked'"),
        )

    op.create_table(
        "sheet_edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("red_account_id", sa.Integer(), nullable=False),
        sa.Column("column", sa.String(length=40), nullable=False),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("became", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("seen_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("said_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["red_account_id"], ["red_accounts.id"], name=op.f("fk_sheet_edits_red_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_edits")),
    )
    with op.batch_alter_table("sheet_edits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheet_edits_red_account_id"), ["red_account_id"], unique=False)
        batch_op.create_index(
            "ix_sheet_edits_unsaid",
            ["red_account_id"],
            unique=False,
            sqlite_where=sa.text("said_at IS NULL"),
            postgresql_where=sa.text("said_at IS NULL"),
        )

    op.create_table(
        "updates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("red_account_id", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.Column("blocker", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("mood", sa.String(length=10), nullable=True),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.String(length=18), nullable=True),
        sa.Column("in_salesforce", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", bot.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", bot.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_updates_by_id")),
        sa.ForeignKeyConstraint(["red_account_id"], ["red_accounts.id"], name=op.f("fk_updates_red_account_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_updates_reply_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_updates")),
        sa.UniqueConstraint("reply_id", name=op.f("uq_updates_reply_id")),
    )
    with op.batch_alter_table("updates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_updates_red_account_id"), ["red_account_id"], unique=False)

    # One by one: making a table anew, as a batch does on SQLite, would drop the rows that point to it.
    op.add_column("accounts", sa.Column("signed_on", sa.Date(), nullable=True))
    op.add_column("accounts", sa.Column("deployed_on", sa.Date(), nullable=True))
    op.add_column("accounts", sa.Column("is_left_red", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("action_items", sa.Column("serves", sa.Text(), nullable=True))
    op.add_column(
        "action_items",
        sa.Column("owner_id", sa.Integer(), sa.ForeignKey("people.id", name="fk_action_items_owner_id"), nullable=True),
        inline_references=True,
    )
    op.add_column("action_items", sa.Column("state", sa.String(length=10), nullable=False, server_default="open"))
    op.add_column(
        "action_items",
        sa.Column(
            "since_at",
            bot.models.base.UtcDateTime(timezone=True),
            nullable=False,
            server_default="1970-01-01 00:00:00+00:00",
        ),
    )
    op.add_column("action_items", sa.Column("note", sa.Text(), nullable=True))
    op.add_column(
        "action_items",
        sa.Column(
            "ended_by_id", sa.Integer(), sa.ForeignKey("people.id", name="fk_action_items_ended_by_id"), nullable=True
        ),
        inline_references=True,
    )
    op.add_column(
        "action_items",
        sa.Column(
            "carried_from_id",
            sa.Integer(),
            sa.ForeignKey("action_items.id", name="fk_action_items_carried_from_id"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("action_items", sa.Column("task_id", sa.String(length=18), nullable=True))
    op.add_column("action_items", sa.Column("task_synced", sa.JSON(), nullable=True))
    op.add_column("action_items", sa.Column("handed_at", bot.models.base.UtcDateTime(timezone=True), nullable=True))
    op.add_column(
        "action_items",
        sa.Column(
            "handed_by_id", sa.Integer(), sa.ForeignKey("people.id", name="fk_action_items_handed_by_id"), nullable=True
        ),
        inline_references=True,
    )
    op.add_column("action_items", sa.Column("reacted_at", bot.models.base.UtcDateTime(timezone=True), nullable=True))
    op.add_column("asks", sa.Column("team", sa.String(length=60), nullable=True))
    op.add_column(
        "asks",
        sa.Column("owner_id", sa.Integer(), sa.ForeignKey("people.id", name="fk_asks_owner_id"), nullable=True),
        inline_references=True,
    )
    op.add_column("asks", sa.Column("otherwise", sa.Text(), nullable=True))
    op.add_column("asks", sa.Column("state", sa.String(length=10), nullable=False, server_default="asked"))
    op.add_column(
        "asks",
        sa.Column(
            "since_at",
            bot.models.base.UtcDateTime(timezone=True),
            nullable=False,
            server_default="1970-01-01 00:00:00+00:00",
        ),
    )
    op.add_column("asks", sa.Column("note", sa.Text(), nullable=True))
    op.add_column(
        "asks",
        sa.Column("ended_by_id", sa.Integer(), sa.ForeignKey("people.id", name="fk_asks_ended_by_id"), nullable=True),
        inline_references=True,
    )
    op.add_column(
        "asks",
        sa.Column("named_id", sa.Integer(), sa.ForeignKey("people.id", name="fk_asks_named_id"), nullable=True),
        inline_references=True,
    )
    op.add_column("asks", sa.Column("taken_at", bot.models.base.UtcDateTime(timezone=True), nullable=True))
    op.add_column("asks", sa.Column("handed_at", bot.models.base.UtcDateTime(timezone=True), nullable=True))
    op.add_column("posts", sa.Column("shown", sa.String(length=64), nullable=True))
    op.add_column("red_accounts", sa.Column("relapses", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("red_accounts", sa.Column("other_reasons", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("red_accounts", sa.Column("impact", sa.String(length=60), nullable=True))
    op.add_column("red_accounts", sa.Column("goal", sa.Text(), nullable=True))
    op.add_column("red_accounts", sa.Column("how_we_know", sa.Text(), nullable=True))
    op.add_column(
        "red_accounts",
        sa.Column(
            "sponsor_id", sa.Integer(), sa.ForeignKey("people.id", name="fk_red_accounts_sponsor_id"), nullable=True
        ),
        inline_references=True,
    )
    op.add_column(
        "red_accounts", sa.Column("plan_in_place_at", bot.models.base.UtcDateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "red_accounts", sa.Column("agreement_asked_at", bot.models.base.UtcDateTime(timezone=True), nullable=True)
    )
    op.add_column("red_accounts", sa.Column("updated_at", bot.models.base.UtcDateTime(timezone=True), nullable=True))
    op.add_column("red_accounts", sa.Column("still_red_at", bot.models.base.UtcDateTime(timezone=True), nullable=True))
    op.add_column("red_accounts", sa.Column("escalated_at", bot.models.base.UtcDateTime(timezone=True), nullable=True))
    op.add_column(
        "red_accounts",
        sa.Column(
            "escalated_by_id",
            sa.Integer(),
            sa.ForeignKey("people.id", name="fk_red_accounts_escalated_by_id"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("red_accounts", sa.Column("thread_seen", sa.String(length=40), nullable=True))
    op.add_column("red_accounts", sa.Column("off_red_at", bot.models.base.UtcDateTime(timezone=True), nullable=True))
    op.add_column("red_accounts", sa.Column("health_before", sa.String(length=255), nullable=True))
    op.add_column("red_accounts", sa.Column("score_at_open", sa.Numeric(precision=18, scale=4), nullable=True))
    op.add_column("red_accounts", sa.Column("evidence", sa.Text(), nullable=True))
    op.add_column("red_accounts", sa.Column("retro", sa.Text(), nullable=True))
    op.add_column("red_accounts", sa.Column("arr_at_end", sa.Numeric(precision=18, scale=2), nullable=True))
    op.add_column("resolutions", sa.Column("evidence", sa.Text(), nullable=True))
    op.add_column("sheet_rows", sa.Column("left", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("sheet_rows", sa.Column("is_missing", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("systems", sa.Column("threads_read_at", bot.models.base.UtcDateTime(timezone=True), nullable=True))
    op.add_column("sheet_rows", sa.Column("times_added", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_action_items_owner_id"), "action_items", ["owner_id"])
    op.create_index(op.f("ix_action_items_task_id"), "action_items", ["task_id"])
    op.create_index(op.f("ix_asks_owner_id"), "asks", ["owner_id"])
    # What was there before: who wrote it owns it, and it has been open since then.
    op.execute("UPDATE action_items SET since_at = created_at, owner_id = by_id")
    op.execute("UPDATE asks SET since_at = created_at")


def downgrade() -> None:
    for index, table in (
        ("ix_action_items_owner_id", "action_items"),
        ("ix_action_items_task_id", "action_items"),
        ("ix_asks_owner_id", "asks"),
    ):
        op.drop_index(op.f(index), table)
    for table, columns in ADDED.items():
        for column in columns:
            op.drop_column(table, column)
    for table in ("updates", "sheet_edits", "sheet_conflicts", "replies", "agreements", "usage_months", "suggestions"):
        op.drop_table(table)
