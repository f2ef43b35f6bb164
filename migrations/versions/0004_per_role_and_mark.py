"""when each of CE and AE is asked to agree, and each of an owner's marks"""

import sqlalchemy as sa
from alembic import op

import bot.models.base

revision = "0004"
down_revision = "0003"

ASKED = ("ce_asked_at", "ae_asked_at")


def upgrade() -> None:
    for column in ASKED:
        op.add_column("red_accounts", sa.Column(column, bot.models.base.UtcDateTime(timezone=True), nullable=True))
    op.execute("UPDATE red_accounts SET ce_asked_at = agreement_asked_at, ae_asked_at = agreement_asked_at")
    op.drop_column("red_accounts", "agreement_asked_at")
    op.add_column("action_items", sa.Column("marks", sa.JSON(), nullable=False, server_default="{}"))
    op.drop_column("action_items", "reacted_at")


def downgrade() -> None:
    op.add_column("action_items", sa.Column("reacted_at", bot.models.base.UtcDateTime(timezone=True), nullable=True))
    op.drop_column("action_items", "marks")
    op.add_column(
        "red_accounts", sa.Column("agreement_asked_at", bot.models.base.UtcDateTime(timezone=True), nullable=True)
    )
    op.execute("UPDATE red_accounts SET agreement_asked_at = coalesce(ce_asked_at, ae_asked_at)")
    for column in ASKED:
        op.drop_column("red_accounts", column)
