"""Every word for an operator that is not fixed text of one page: codes in, sentences out.

    tr("Copy")                                   # a text in the operator's language
    sentence("port_taken", port=9000)            # the sentence of an AppError or of a reason

To add a code: one line in `SENTENCES`, under its heading. A sentence says what happened, then what to do; what stands
in braces is a parameter of the error. Works without Qt, so that the command line says the same words.
"""

import sys

SENTENCES: dict[str, str] = {}


def tr(text: str) -> str:
    """The text in the operator's language; as it is where no window is open."""
    core = sys.modules.get("PySide6.QtCore")
    return core.QCoreApplication.translate("Tapdesk", text) if core else text


class _Facts(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "…"


def sentence(code: str, **params: object) -> str:
    """What a code means, in words. An unknown code is named with its facts, never hidden."""
    template = SENTENCES.get(code)
    if template is None:
        facts = ", ".join(f"{name}: {value}" for name, value in params.items())
        what = f"{code}; {facts}" if facts else code
        return tr("This did not work, and nothing was changed ({what}).").format(what=what)
    return tr(template).format_map(_Facts(params))
