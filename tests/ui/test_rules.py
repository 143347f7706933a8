"""What must hold for every module of the window."""

import ast
from pathlib import Path

import pytest

MODULES = sorted((Path(__file__).parents[2] / "ui").glob("**/*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: f"{module.parent.name}/{module.stem}")
def test_no_nested_event_loop_is_started(module):
    """`dialog.exec()` in a coroutine under qasync strands every other task for good: `ui.tasks.ask` waits instead."""
    calls = [node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    names = [getattr(call.func, "attr", "") for call in calls]
    assert [name for name in names if name in {"exec", "exec_"}] == []
