"""when each message of a reminder was told"""

import sqlalchemy as sa
from alembic import op

import bot.models.base

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("posts", sa.Column("told_at", bot.models.base.UtcDateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_posts_recipient_told_at"), "posts", ["recipient", "told_at"])
    op.execute(
        "UPDATE posts SET told_at = (SELECT told_at FROM reminders WHERE reminders.id = posts.subject_id)"
        " WHERE noun = 'reminder'"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_posts_recipient_told_at"), "posts")
    op.drop_column("posts", "told_at")
