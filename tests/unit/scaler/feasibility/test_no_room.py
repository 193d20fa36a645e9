"""The sentence: what each node lacks, counted, and what is free."""

import pytest

from scaler.feasibility.no_room import sentence
from scaler.feasibility.room import Room

NEED = Room(cpu=2000, memory=2**30, pods=1)
FREE = {"a": Room(cpu=600, pods=9), "b": Room(cpu=900, pods=9), "c": Room(cpu=9000, pods=0)}
FULL = Room(cpu=4000, memory=2**31, pods=9)


@pytest.mark.parametrize(
    ("free", "why", "parts"),
    [
        ({}, {}, "(there are no nodes)"),
        (FREE, {"a": None, "b": None, "c": None},
         "(2 with too little cpu, 1 with too little pods, at most 9 CPU free)"),
        (FREE, {"a": None, "b": None, "c": "not Ready"},
         "(2 with too little cpu, 1 not Ready, at most 900m CPU free)"),
        ({"a": Room(cpu=-5)}, {"a": "cordoned"}, "(1 cordoned)"),
        ({"a": Room(cpu=-5, pods=9)}, {"a": None},
         "(1 with too little cpu, at most 0 CPU free)"),
        ({"a": FULL}, {"a": None}, "(1 in use by the old pod, at most 4 CPU free)"),
    ],
)  # fmt: skip
def test_each_node_is_counted_with_what_it_lacks(
    free: dict[str, Room], why: dict[str, str | None], parts: str
) -> None:
    got = sentence("web-1", NEED, free, why)
    assert got == f"no node has room for web-1 with 2 CPU and 1Gi memory {parts}"
