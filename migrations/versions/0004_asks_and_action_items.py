"""asks and action items: what an undo goes back to, the message that one was made of, the ✅ that is there"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for table in ("asks", "action_items"):
        op.add_column(table, sa.Column("before", sa.JSON(), nullable=True))
        op.add_column(table, sa.Column("made_of", sa.String(length=45), nullable=True))
    op.add_column(
        "action_items",
        sa.Column("marked_by_id", sa.Integer(), sa.ForeignKey("people.id", name="fk_action_items_marked_by_id")),
        inline_references=True,
    )
    op.add_column(
        "asks",
        sa.Column("carried_from_id", sa.Integer(), sa.ForeignKey("asks.id", name="fk_asks_carried_from_id")),
        inline_references=True,
    )


def downgrade() -> None:
    for table, columns in (("action_items", ("marked_by_id",)), ("asks", ("carried_from_id",))):
        for column in (*columns, "made_of", "before"):
            op.drop_column(table, column)
