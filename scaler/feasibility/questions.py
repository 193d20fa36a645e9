"""Counts what is asked of the cluster as a whole: such an answer may be another once anything is.

A plan for which nothing was asked depends on the workload itself, its nodes, and little more:
see planning/kept.py.
"""

from dataclasses import dataclass


@dataclass
class Questions:
    """`asked`: how many, since the process began."""

    asked: int = 0
