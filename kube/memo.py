"""Caches what is derived from an immutable object for as long as that object lives.

Objects held by the watches are replaced, never modified, and most of them stay the same from one
cycle to the next: a pod is parsed again only after it has changed. The result is kept in the
object's own `__dict__`, where comparing or printing the object does not see it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


def once(function: Callable[[T], R]) -> Callable[[T], R]:
    """`function`, called once per object; it must be pure, and its result must not be modified."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def answer(about: T) -> R:
        known = about.__dict__
        try:
            found: R = known[name]
        except KeyError:
            found = known[name] = function(about)
        return found

    return answer


class computed_once(Generic[T, R]):
    """`functools.cached_property` without the lock that it takes before Python 3.12.

    Two threads may both compute the value, and both get the same.
    """

    def __init__(self, function: Callable[[T], R]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type[object], name: str) -> None:
        self._name = name

    def __get__(self, about: T, owner: type[object] | None = None) -> R:
        """Called until the value is in the object's `__dict__`, which then comes first."""
        found = about.__dict__[self._name] = self._function(about)
        return found
