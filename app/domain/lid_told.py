"""Which sentence tells what a station does with Tapdesk closed: codes, whose words have {pool}, {count} and {why}."""

from app.domain.lid_check import Answer, LidCheck, Why
from app.domain.lid_settings import OpensTo


def members_told(check: LidCheck, *, members: int, in_pool: bool) -> str:
    """Whether members can charge, of whom there are so many."""
    finding = check.members
    if check.opens_to is OpensTo.ANYBODY:
        return f"lid.anybody.{finding.answer.value}"
    if finding.why is Why.NOBODY_LISTED:
        return "lid.members.nobody" if in_pool else "lid.members.no_pool"
    if finding.answer is Answer.YES and members == 1:
        return "lid.members.yes_one"
    if finding.why in _NOT_CERTAIN:
        return "lid.members.perhaps"
    return f"lid.members.{finding.answer.value}"


#: Who is listed or remembered there is not known card by card: it may be all of them.
_NOT_CERTAIN = (Why.LIST_NOT_IN_STEP, Why.ONLY_REMEMBERED)


def strangers_told(check: LidCheck) -> str:
    """Whether a card that nobody knows can; "" where that is what the pool wants."""
    if check.opens_to is OpensTo.ANYBODY:
        return ""
    answer = check.strangers.answer
    if answer is Answer.YES and check.members.answer is Answer.YES:
        return "lid.strangers.yes_too"
    return f"lid.strangers.{answer.value}"


def why_told(why: Why) -> str:
    """What an answer rests on: the end of a sentence."""
    return f"lid.why.{why.value}"
