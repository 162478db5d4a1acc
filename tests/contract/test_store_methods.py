"""No statement of the log goes untested."""

import ast
import inspect
from pathlib import Path

from bot.store import Store, Transaction


def test_every_method_is_called_by_a_test() -> None:
    """A public method that no test of this folder calls fails here."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in Path(__file__).parent.glob("test_store_*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)}
    for kind in (Transaction, Store):
        methods = {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}
        assert len(methods) >= 4
        assert methods <= called | {"close"}, methods - called
