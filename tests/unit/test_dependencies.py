"""What is installed with the program is what the program uses."""

import ast
import re
import tomllib
from pathlib import Path

_ROOT = Path(__file__).parent.parent.parent
_FIXED = {"apscheduler"}  # for what is still to come, as pyproject.toml says


def test_every_dependency_is_imported_by_the_program() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = {re.split(r"[<>=~!\[; ]", wanted)[0].lower() for wanted in project["dependencies"]}
    assert required == imported() & required | _FIXED


def imported() -> set[str]:
    """The packages that any module of the program imports."""
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for package in ("recommender", "integrations")
        for path in sorted((_ROOT / package).rglob("*.py"))
    ]
    names: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names
