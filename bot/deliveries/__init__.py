"""Promise kind → make one outside system agree with some rows. A delivery reads the rows as they are now.

`deliver_due` is the loop: claim in one transaction, deliver with none open, record in another.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from bot import outbox
from bot.deliveries import health_changes, notices, posts, salesforce_updates, sheet_rows, tasks
from bot.errors import DryRun, Misconfigured, Permanent, Retryable
from bot.outbox import Claim, Outcomes
from bot.policy import Writes
from bot.services import Services
from bot.workflows import systems
from bot.workflows.health_changes import HEALTH
from bot.workflows.posts import NOTICE, POST
from bot.workflows.red_accounts import SHEET
from bot.workflows.salesforce_updates import UPDATE
from bot.workflows.tasks import TASK

log = logging.getLogger(__name__)

Delivery = Callable[[Services, Claim], Outcomes]
DELIVERIES: Mapping[str, Delivery] = {
    POST: posts.deliver,
    NOTICE: notices.deliver,
    HEALTH: health_changes.deliver,
    SHEET: sheet_rows.deliver,
    TASK: tasks.deliver,
    UPDATE: salesforce_updates.deliver,
}
#: Slack takes one message at a time; one account's changes go in one by one, in their order.
ONE_AT_A_TIME = (POST, NOTICE, HEALTH, TASK, UPDATE)


def deliver_due(services: Services) -> int:
    """Deliver until nothing is due. Runs in several threads and processes at once. Answers how many claims it did."""
    done = 0
    while deliver_one(services):
        done += 1
    return done


def deliver_one(services: Services) -> bool:
    with services.transaction() as session:
        claim = outbox.claim(
            session,
            now=services.now(),
            real_now=services.real_now(),
            owner=services.name,
            single=ONE_AT_A_TIME,
        )
    if claim is None:
        return False
    outcomes = _attempt(services, claim)
    with services.transaction() as session:
        outbox.finish(session, claim, outcomes, now=services.now(), jitter=services.jitter)
    with services.transaction() as session:  # of its own, so that no two lanes ever wait for each other
        systems.met(session, claim.system, _errors(claim, outcomes), now=services.now(), policy=services.policy)
    return True


def _attempt(services: Services, claim: Claim) -> Outcomes | Exception:
    if services.policy.writes.of(claim.system) == Writes.OFF:
        return DryRun(f"{claim.system} writes are off")
    try:
        return DELIVERIES[claim.kind](services, claim)
    except (Retryable, Permanent, DryRun) as error:
        if isinstance(error, Misconfigured):
            log.error("%s is paused: %s", claim.lane, error)
        return error
    except Exception as error:  # the outbox loop: one bad delivery must not stop the others, and it is kept
        log.exception("delivery %s %s failed", claim.kind, claim.subject_ids)
        return Permanent(f"{type(error).__name__}: {error}", code="bug")


def _errors(claim: Claim, outcomes: Outcomes | Exception) -> list[Exception]:
    if isinstance(outcomes, Exception):
        return [outcomes]
    return list(outcomes.errors.values())
