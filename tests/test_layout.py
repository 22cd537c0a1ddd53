"""The source has small modules and functions, and a test file for each module."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

MODULES = sorted((ROOT / "flxframe").rglob("*.py"))
MAX_MODULE_LINES = 300
MAX_FUNCTION_LINES = 50
DENSE = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.IfExp)


def name_of(module: Path) -> str:
    return str(module.relative_to(ROOT))


def functions(module: Path) -> Iterator[ast.FunctionDef]:
    """Yield every function of a module."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield node


def code_lines(function: ast.FunctionDef) -> int:
    """Return the number of lines of a function, without its docstring."""
    first = function.body[0]
    has_docstring = ast.get_docstring(function) is not None
    start = (first.end_lineno or 0) + 1 if has_docstring else first.lineno
    return (function.end_lineno or 0) - start + 1


def expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes of a statement, except those of statements inside it."""
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, ast.stmt):
            yield child
            yield from expressions(child)  # type: ignore[arg-type]


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_is_short_and_so_are_its_functions(module: Path) -> None:
    """One that grows too long needs to be split."""
    assert len(module.read_text(encoding="utf-8").splitlines()) <= MAX_MODULE_LINES
    long = {item.name for item in functions(module) if code_lines(item) > MAX_FUNCTION_LINES}
    assert long == set()


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_statement_has_one_comprehension_or_conditional_expression(module: Path) -> None:
    """A second one needs its own statement."""
    dense = []
    for function in functions(module):
        for statement in ast.walk(function):
            if isinstance(statement, ast.stmt) and not isinstance(statement, ast.FunctionDef):
                count = sum(isinstance(node, DENSE) for node in expressions(statement))
                if count > 1:
                    dense.append(f"{name_of(module)}:{statement.lineno}")
    assert dense == []


def test_every_module_has_a_test_file_in_the_mirrored_folder() -> None:
    """So the tests of a module are easy to find."""
    missing = []
    for module in MODULES:
        if module.stem in ("__init__", "__main__"):
            continue
        folder = ROOT / "tests" / module.parent.relative_to(ROOT / "flxframe")
        if not (folder / f"test_{module.stem}.py").is_file():
            missing.append(name_of(module))
    assert missing == []
