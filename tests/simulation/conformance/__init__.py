"""The script of API calls by which the model is held against a real API server.

Each case is a function of a target that returns what was seen, with nothing in it that differs
between two clusters (names given by the server, UIDs, versions, times). `tests/e2e/test_model.py`
runs every case on both; a difference is a mistake of the model.
"""

from tests.simulation.conformance import calls, owners, pods, resizes, rules, watches
from tests.simulation.conformance.registry import CASES

__all__ = ["CASES", "calls", "owners", "pods", "resizes", "rules", "watches"]
