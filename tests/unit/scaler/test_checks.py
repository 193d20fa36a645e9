"""A chain of checks: the first answer decides, whoever asks all of them gets all, and its table."""

from collections.abc import Callable

from scaler.checks import Checks


def negative(number: int) -> str | None:
    """It is below zero,
    as a debt is: `Minus`.

    This is for developers.
    """
    return "below zero" if number < 0 else None


def zero(number: int) -> str | None:
    """It is nothing."""
    return "" if number == 0 else None


def small(number: int) -> str | None:
    """It has one digit."""
    return "small" if -10 < number < 10 else None


def large(number: int) -> str:
    """It is anything else."""
    return "large"


CHECKS = Checks("What a number is", (negative, zero, small), large)


def test_the_first_answer_decides_and_an_empty_one_is_an_answer() -> None:
    assert [CHECKS.first(n) for n in (-5, 0, 5, 50)] == ["below zero", "", "small", "large"]


def test_the_row_that_decided_is_reported_by_its_name() -> None:
    rows = [CHECKS.decisive(n)[0] for n in (-5, 0, 5, 50)]
    assert rows == ["negative", "zero", "small", "large"]


def test_nothing_is_asked_after_the_answer() -> None:
    asked: list[str] = []

    def noting(name: str, answer: str | None) -> Callable[[int], str | None]:
        def check(number: int) -> str | None:
            asked.append(name)
            return answer

        return check

    checks = Checks("", (noting("a", None), noting("b", "yes"), noting("c", "too")), large)
    assert checks.first(1) == "yes"
    assert checks.decisive(1) == ("check", "yes")
    assert asked == ["a", "b"] * 2


def test_asked_for_all_each_row_says_what_it_would_but_the_last_only_where_it_counts() -> None:
    assert list(CHECKS.each(-5)) == [
        ("negative", "below zero"),
        ("zero", None),
        ("small", "small"),
        ("large", None),
    ]
    assert [answer for _, answer in CHECKS.each(50)] == [None, None, None, "large"]


def test_the_table_has_the_first_paragraph_of_each_docstring_in_order() -> None:
    assert CHECKS.table().splitlines() == [
        "| check | what it is for |",
        "| --- | --- |",
        "| `negative` | It is below zero, as a debt is: `Minus`. |",
        "| `zero` | It is nothing. |",
        "| `small` | It has one digit. |",
        "| `large` | It is anything else. |",
    ]
