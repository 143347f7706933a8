"""What became of a letter, in the words of a pill, a cell or a line."""

from app.domain.letters import Letter, LetterState
from ui.days import moment
from ui.desk import Desk
from ui.strings import tr
from ui.theme import Kind

#: A server may be away for a while; after so many attempts somebody should look.
PATIENCE = 3


def state_of(letter: Letter) -> tuple[str, Kind]:
    """In a word, and how it is coloured."""
    if letter.state is LetterState.WAITING and letter.attempts:
        return tr("Retrying"), "warn"
    words: dict[LetterState, tuple[str, Kind]] = {
        LetterState.WAITING: (tr("Waiting"), "grey"),
        LetterState.SENDING: (tr("Sending"), "info"),
        LetterState.SENT: (tr("Sent"), "ok"),
        LetterState.UNSURE: (tr("Unsure"), "warn"),
        LetterState.REFUSED: (tr("Refused"), "bad"),
    }
    return words[letter.state]


def is_stuck(letter: Letter) -> bool:
    """Whether it goes nowhere unless somebody looks at it."""
    given_up = letter.state in (LetterState.UNSURE, LetterState.REFUSED)
    return given_up or (letter.state is LetterState.WAITING and letter.attempts >= PATIENCE)


def can_be_tried(letter: Letter) -> bool:
    """Whether sending it now is possible and of use."""
    return letter.state in (LetterState.WAITING, LetterState.UNSURE, LetterState.REFUSED)


def problem_of(letter: Letter) -> str:
    """What the last attempt ran into: in the server's words, or in ours where it has said nothing."""
    ours = {
        "mail_password_missing": tr("the mail server wants a password, and none is kept"),
        "mail_unreachable": tr("the mail server cannot be reached"),
        "mail_not_secure": tr("the connection to the mail server is not secure"),
        "mail_login_refused": tr("the mail server does not let us in"),
        "mail_sender_refused": tr("the mail server does not take letters from this sender"),
        "mail_recipient_refused": tr("the mail server does not take letters to this address"),
        "mail_refused": tr("the mail server does not take this letter"),
        "mail_put_off": tr("the mail server takes no letters at the moment"),
        "mail_unsure": tr("the connection ended while it was being sent"),
    }
    return ours.get(letter.problem, letter.problem)


def what_now(desk: Desk, letter: Letter) -> str:
    """What happened to it last, or what happens next."""
    now = desk.now()
    if letter.state is LetterState.SENT:
        return moment(desk.local(letter.sent_at or letter.created_at), now)
    if letter.state is LetterState.SENDING:
        return tr("on its way to the server")
    if letter.state is LetterState.UNSURE:
        return tr("Tapdesk ended while sending it: it may have arrived")
    if letter.state is LetterState.REFUSED:
        return problem_of(letter)
    if not desk.application.mail.is_set_up:
        return tr("no mail server is set up")
    if not letter.attempts:
        return tr("goes out in a moment")
    due = desk.local(letter.due_at)
    if due <= now:
        return tr("{problem}; again in a moment").format(problem=problem_of(letter))
    return tr("{problem}; again at {time}").format(problem=problem_of(letter), time=f"{due:%H:%M}")
