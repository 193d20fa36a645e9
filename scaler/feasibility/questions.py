"""Counts what is asked of others: such an answer may be another once anything about them is.

A plan for which nothing was asked depends on the workload itself, its nodes, and little more:
see planning/kept.py.
"""

from dataclasses import dataclass


@dataclass
class Questions:
    """How many, since the process began. `asked`: of the cluster as a whole."""

    asked: int = 0
    of_namespace: int = 0
    """Of the pods and workloads of the same namespace alone: a quota."""
