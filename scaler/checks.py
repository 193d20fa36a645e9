"""A decision as an ordered list of named checks: the first that has an answer decides. Pure.

Each check is a function of one case. Its name is the row's name, and the first paragraph of its
docstring says what the row is for. So order, names and descriptions are next to the code, and the
tables of docs/checks.md are generated from them.

Every check must work for every case, also for one that an earlier check has answered: `each` runs
all of them, to explain why something does not happen.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Case = TypeVar("Case")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Checks(Generic[Case, Outcome]):
    """`title` says what is decided; `otherwise` answers where no check in `rows` does."""

    title: str
    rows: tuple[Callable[[Case], Outcome | None], ...]
    otherwise: Callable[[Case], Outcome]

    def first(self, case: Case) -> Outcome:
        """The first answer. No check after it is run."""
        for row in self.rows:
            if (outcome := row(case)) is not None:
                return outcome
        return self.otherwise(case)

    def decisive(self, case: Case) -> tuple[str, Outcome]:
        """The same, and the name of the row that gave it."""
        return next((name, o) for name, o in self.each(case) if o is not None)

    def each(self, case: Case) -> Iterator[tuple[str, Outcome | None]]:
        """The answer of each row, lazily; None: it has no answer.

        The rows after the decisive one are run as well: they show what else is in the way. Only
        `otherwise` is not run where another row has answered.
        """
        answered = False
        for row in self.rows:
            outcome = row(case)
            answered = answered or outcome is not None
            yield name_of(row), outcome
        yield name_of(self.otherwise), None if answered else self.otherwise(case)

    def purposes(self) -> dict[str, str]:
        """What each row is for, by its name, in the order in which they are run."""
        return {name_of(row): purpose_of(row) for row in (*self.rows, self.otherwise)}

    def table(self) -> str:
        """The rows as a table of Markdown."""
        lines = [f"| `{name}` | {purpose} |" for name, purpose in self.purposes().items()]
        return "\n".join(["| check | what it is for |", "| --- | --- |", *lines])


def name_of(row: Callable[..., object]) -> str:
    """The row's name."""
    return row.__name__


def purpose_of(row: Callable[..., object]) -> str:
    """The first paragraph of its docstring, in one line."""
    paragraph = (row.__doc__ or "").partition("\n\n")[0]
    return " ".join(paragraph.split())
