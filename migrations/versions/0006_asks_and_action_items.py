"""asks and action items: what an undo goes back to, and the message that one was made of"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for table in ("asks", "action_items"):
        op.add_column(table, sa.Column("before", sa.JSON(), nullable=True))
        op.add_column(table, sa.Column("made_of", sa.String(length=45), nullable=True))
    op.add_column(
        "asks",
        sa.Column("carried_from_id", sa.Integer(), sa.ForeignKey("asks.id", name="fk_asks_carried_from_id")),
        inline_references=True,
    )


def downgrade() -> None:
    op.drop_column("asks", "carried_from_id")
    for table in ("asks", "action_items"):
        for column in ("made_of", "before"):
            op.drop_column(table, column)
