"""Each command of README.md is run by a test, or it is said why it cannot be."""

import ast

from tests.quickstart import page
from tests.quickstart.known import ELSEWHERE, RUN, TESTS
from tests.quickstart.terminal import alike

PAGE = page.README.read_text()
BLOCKS = page.blocks(PAGE)
COMMANDS = [(b.heading, command) for b in BLOCKS for command in b.commands]


def test_each_command_is_run_by_a_test_or_said_why_not() -> None:
    assert [c for heading, c in COMMANDS if heading not in RUN and c not in ELSEWHERE] == []


def test_the_tests_that_run_them_are_there() -> None:
    code = ast.parse((page.ROOT / TESTS).read_text())
    there = {n.name for n in ast.walk(code) if isinstance(n, ast.FunctionDef)}
    assert set(RUN.values()) <= there


def test_nothing_is_known_that_the_page_no_longer_has() -> None:
    assert set(RUN) <= {heading for heading, _ in COMMANDS}
    assert set(ELSEWHERE) <= {command for _, command in COMMANDS} | set(page.inline(PAGE))


def test_a_command_in_a_sentence_is_the_beginning_of_one_that_is_run() -> None:
    known = [c for _, c in COMMANDS] + list(ELSEWHERE)
    assert [c for c in page.inline(PAGE) if not any(k.startswith(c) for k in known)] == []


def test_commands_are_nowhere_but_in_code_blocks_that_are_read() -> None:
    assert {b.language for b in BLOCKS} == {"sh", "text"}
    assert [line for line in page.prose(PAGE) if line.startswith(("    ", "\t"))] == []


def test_what_the_quickstart_prints_has_been_recorded() -> None:
    outputs = [output for _, output in page.shown(PAGE, page.QUICKSTART) if output]
    assert len(outputs) >= 3
    assert all(output.lines for output in outputs)


def test_writing_the_outputs_changes_nothing_else() -> None:
    pairs = page.shown(PAGE, page.QUICKSTART)
    same = ["\n".join(output.lines) if output else "not shown" for _, output in pairs]
    assert page.filled(PAGE, same) == PAGE
    other = page.filled(PAGE, [f"{number}\n" for number, _ in enumerate(pairs)])
    again = [o.lines if o else None for _, o in page.shown(other, page.QUICKSTART)]
    assert again == [(str(n),) if o else None for n, (_, o) in enumerate(pairs)]


RUN_ONE = """POD                    CPU LIMIT
web-86d4b67756-9dhwq   400m
10s   Normal   Doubled   Deployment/web   web-86d4b67756-9dhwq: worker used 199m of 200m for 60 s
2m9s  Normal   WarmingUp Deployment/web   worker: the container has just started
"""
RUN_TWO = """POD                    CPU LIMIT
web-7d667d88c9-7pz7p   400m
3m2s  Normal   WarmingUp Deployment/web   worker: usage has just begun to be read
8s    Normal   Doubled   Deployment/web   web-7d667d88c9-7pz7p: worker used 200m of 200m for 61 s
"""


def test_two_runs_are_alike_but_for_names_ages_and_figures() -> None:
    assert alike(RUN_ONE) == alike(RUN_TWO)


def test_another_size_or_another_reason_is_not_alike() -> None:
    assert alike(RUN_ONE) != alike(RUN_TWO.replace("400m", "300m"))
    assert alike(RUN_ONE) != alike(RUN_TWO.replace("of 200m", "of 100m"))
    assert alike(RUN_ONE) != alike(RUN_TWO.replace("Doubled", "Halved"))
