"""salesforce.health: the field says what the person wanted, unless somebody else changed it meanwhile."""

from __future__ import annotations

from bot.errors import DryRun, Misconfigured, Permanent
from bot.integrations.salesforce import Conflict
from bot.models import ChangeState, HealthChange
from bot.outbox import Claim, Outcomes
from bot.services import Services
from bot.workflows import health_answers

IN_BIN = "ENTITY_IS_DELETED"
GONE = {"NOT_FOUND", IN_BIN}


def deliver(services: Services, claim: Claim) -> Outcomes:
    [change_id] = claim.subject_ids
    with services.transaction() as session:
        change = session.get_one(HealthChange, change_id)
    if change.state != ChangeState.PENDING:
        return Outcomes()
    try:
        services.salesforce.set_health(
            change.account.salesforce_id, seen=change.seen, wanted=change.wanted, note=_note(change)
        )
    except Conflict as conflict:
        value = conflict.current or "nothing"
        answer = f"{conflict.by_name or 'Somebody'} set it to {value} meanwhile, and that stands."
        if not conflict.of_field:
            answer = (
                f"It was set to {value} meanwhile, and that stands. Last changed by {conflict.by_name or 'somebody'}."
            )
        _refused(services, change_id, answer, conflict.current)
        return Outcomes()
    except (Misconfigured, DryRun):
        raise
    except Permanent as error:
        if error.code in GONE:
            now, policy, in_bin = services.now(), services.policy, error.code == IN_BIN
            with services.transaction() as session:
                health_answers.account_gone(session, change_id, str(error), in_bin=in_bin, now=now, policy=policy)
            return Outcomes()
        _refused(services, change_id, str(error), None)
        return Outcomes()
    with services.transaction() as session:
        health_answers.written(session, change_id, now=services.now(), policy=services.policy)
    return Outcomes()


def _note(change: HealthChange) -> str:
    """Who set it, and from where: Salesforce itself names the integration user."""
    return f"{change.by.name}, from Slack, RA-{change.red_account_id}"


def _refused(services: Services, change_id: int, answer: str, current: str | None) -> None:
    with services.transaction() as session:
        health_answers.refused(
            session,
            change_id,
            answer,
            now=services.now(),
            policy=services.policy,
            current=current,
        )
