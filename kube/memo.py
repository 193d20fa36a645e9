"""Answers about an object that never changes: each is found once and goes with the object.

What the watches hold is replaced, never changed, and most of it is the same from one cycle to the
next: a pod is read again only when it is another pod. The answer is kept in the object's own
`__dict__`, where nothing that compares or prints the object sees it.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def once(function: Callable[[T], R]) -> Callable[[T], R]:
    """`function`, asked once for each object; pure, and what it returns is not to be changed."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def answer(about: T) -> R:
        known = about.__dict__
        if name not in known:
            known[name] = function(about)
        found: R = known[name]
        return found

    return answer
