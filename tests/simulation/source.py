"""The one source of chance: a seed, and an independent stream of it for each purpose.

Streams are apart so that leaving out one perturbation (to shrink a trace) leaves the world, its
workloads and all other perturbations as they were.
"""

import random


class Source:
    """Random streams by name; the same seed and name give the same numbers in every process."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, random.Random] = {}

    def __getitem__(self, name: str) -> random.Random:
        if name not in self._streams:
            self._streams[name] = random.Random(f"{self.seed}/{name}")
        return self._streams[name]
