"""where people did what the history tells"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("history", sa.Column("source", sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column("history", "source")
