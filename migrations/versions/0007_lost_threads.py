"""lost threads: what people go on saying under a card that was deleted"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "lost_threads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("ts", sa.String(length=20), nullable=False),
        sa.Column("noun", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lost_threads")),
        sa.UniqueConstraint("channel", "ts", name=op.f("uq_lost_threads_channel_ts")),
    )
    op.add_column("replies", sa.Column("thread_ts", sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column("replies", "thread_ts")
    op.drop_table("lost_threads")
