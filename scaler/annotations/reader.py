"""Annotations' names and values, read strictly: mistakes are collected, never guessed around.

| value                                                       | outcome                   |
| ----------------------------------------------------------- | ------------------------- |
| exactly one of the allowed ones                             | that                      |
| one of a later release                                      | mistake: not in this one  |
| anything else: other case, spaces around it, empty          | mistake, and what may be  |
| `cpu-max: 2Gi`, `memory-max: 128m` (an eighth of a byte)    | mistake: the wrong unit   |
| a maximum of 0                                              | mistake                   |
| a name that does not exist                                  | mistake, and the closest  |
| `.<container>` on what concerns whole pods, or not a name   | mistake                   |
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from store.amounts import RESOURCES
from store.annotations import PREFIX

CONTAINER = (
    *("mode", "policy", "resources", "limits", "direction", "burst", "restart-on-resize"),
    *("cpu-min", "cpu-max", "memory-min", "memory-max"),
)
"""Short names that may be followed by `.<container>`."""
NAMES = (*CONTAINER, "strategy", "per-node", "disruption", "single-replica", "paused")

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_UNITS = {"cpu": ("i", "500m, 2"), "memory": ("mun", "128Mi, 1G")}
"""By resource: the endings of the other resource's units, and examples."""
_LONGEST = 64
_NONE = "none"

E = TypeVar("E", bound=StrEnum)


class Reader:
    """Values by short name (`cpu-max.nginx`); `mistakes` has a sentence for each bad one."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self.mistakes: list[str] = []

    def choice(self, name: str, default: E, later: Iterable[E] = ()) -> E:
        """A value of the type of `default`, except for those of a later release."""
        kind, coming = type(default), set(later)
        here = [v.value for v in kind if v not in coming]
        return kind(self.word(name, default.value, here, coming))

    def word(self, name: str, default: str, here: Collection[str], later: Collection[str]) -> str:
        """A value of `here`; `later`: known, but not in this release."""
        text = self._texts.get(name)
        if text is None or text in here:
            return default if text is None else text
        what = "is not in this release" if text in later else "is unknown"
        self._mistake(name, what, here)
        return default

    def amount(self, name: str, default: int | None) -> int | None:
        """Millicores or bytes, as the name says."""
        text = self._texts.get(name)
        if text is None:
            return default
        resource = name.partition("-")[0]
        wrong, example = _UNITS[resource]
        try:
            return _amount(text, RESOURCES[resource].parse, 1 if "-max" in name else 0, wrong)
        except ValueError:
            self._mistake(name, "is not a valid quantity", [f"for example {example}"])
            return default

    def resources(self, name: str, default: frozenset[str]) -> frozenset[str]:
        """A comma-separated list of cpu and memory, at least one of them."""
        return self._listed(name, default, RESOURCES)

    def restarts(self, name: str, default: frozenset[str]) -> frozenset[str]:
        """Such a list, or "none" for the empty one."""
        if self._texts.get(name) == _NONE:
            return frozenset()
        return self._listed(name, default, (_NONE, *RESOURCES))

    def flag(self, name: str) -> bool:
        """True where the value is "true"."""
        text = self._texts.get(name, "false")
        if text not in ("true", "false"):
            self._mistake(name, "is unknown", ("true", "false"))
        return text == "true"

    def order(self, low: str, high: str, values: tuple[int | None, int | None]) -> None:
        """A minimum above its maximum is a mistake."""
        least, most = values
        if least is not None and most is not None and least > most:
            self.mistakes.append(f"{self._quoted(low)} is above {self._quoted(high)}")

    def _listed(self, name: str, default: frozenset[str], allowed: Iterable[str]) -> frozenset[str]:
        text = self._texts.get(name)
        if text is None:
            return default
        listed = frozenset(part.strip() for part in text.split(","))
        if listed <= RESOURCES.keys():
            return listed
        self._mistake(name, "is not a list of resources", allowed)
        return default

    def _quoted(self, name: str) -> str:
        """The annotation that is in effect: the container's own, else the workload's."""
        name = name if name in self._texts else name.partition(".")[0]
        return f'{PREFIX}{name}: "{self._texts[name][:_LONGEST]}"'

    def _mistake(self, name: str, what: str, allowed: Iterable[str]) -> None:
        self.mistakes.append(f"{self._quoted(name)} {what}, allowed: {', '.join(allowed)}")


def mistaken(name: str) -> str | None:
    """What is wrong with a short name, None where it exists."""
    base, dot, container = name.partition(".")
    if base not in NAMES:
        near = difflib.get_close_matches(base, NAMES, n=1)
        hint = f"did you mean {PREFIX}{near[0]}{dot}{container}?" if near else _known()
        return f"{PREFIX}{name} does not exist, {hint}"
    if dot and base not in CONTAINER:
        return f"{PREFIX}{name}: it applies to the whole pod, use {PREFIX}{base}"
    if dot and not _LABEL.fullmatch(container):
        return f'{PREFIX}{name}: "{container}" cannot be the name of a container'
    return None


def _known() -> str:
    return "known are " + ", ".join(NAMES)


def _amount(text: str, parse: Callable[[str], int], least: int, wrong: str) -> int:
    amount = parse(text)
    if amount < least or text[-1] in wrong:
        raise ValueError(text)
    return amount
