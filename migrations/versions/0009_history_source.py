"""where people did what the history tells"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("history", sa.Column("source", sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column("history", "source")
