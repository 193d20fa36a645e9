"""A decision as an ordered list of named checks: the first that has an answer decides. Pure.

Each check is a function of one case. Its name is the row's name, and the first paragraph of its
docstring says what the row is for. So the order, the names and the words are where the code is, and
the tables of docs/checks.md are made from them.

Every check has to bear every case, also one that an earlier check has answered: whoever asks why
something does not happen goes through all of them (`each`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Case = TypeVar("Case")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Checks(Generic[Case, Outcome]):
    """`title` says what is decided; `otherwise` answers where no check of `rows` does."""

    title: str
    rows: tuple[Callable[[Case], Outcome | None], ...]
    otherwise: Callable[[Case], Outcome]

    def first(self, case: Case) -> Outcome:
        """The first answer. Nothing after it is asked."""
        for row in self.rows:
            if (outcome := row(case)) is not None:
                return outcome
        return self.otherwise(case)

    def decisive(self, case: Case) -> tuple[str, Outcome]:
        """The same, and the name of the row that gave it."""
        return next((name, o) for name, o in self.each(case) if o is not None)

    def each(self, case: Case) -> Iterator[tuple[str, Outcome | None]]:
        """What each row says, one by one as it is asked for; None: it has no answer.

        The rows after the decisive one have theirs as well: what else is in the way. Only the last
        one is not asked where another has answered.
        """
        answered = False
        for row in self.rows:
            outcome = row(case)
            answered = answered or outcome is not None
            yield name_of(row), outcome
        yield name_of(self.otherwise), None if answered else self.otherwise(case)

    def purposes(self) -> dict[str, str]:
        """What each row is for, by its name, in the order in which they are asked."""
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
