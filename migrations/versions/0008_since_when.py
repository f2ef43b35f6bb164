"""since when a CE and an AE have a red account, and since when its plan lacks something again"""

import sqlalchemy as sa
from alembic import op

import bot.models.base

revision = "0008"
down_revision = "0007"

SINCE = ("ce_since_at", "ae_since_at", "plan_lacks_since_at")


def upgrade() -> None:
    for column in SINCE:
        op.add_column("red_accounts", sa.Column(column, bot.models.base.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for column in SINCE:
        op.drop_column("red_accounts", column)
