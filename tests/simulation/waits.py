"""Waits without an end: programs that never stop, kubelets that refuse pods, slow start-ups.

Drawn apart from the other perturbations, so that a seed without any is the world that it was.

| what     | what it does                                                                      |
| -------- | --------------------------------------------------------------------------------- |
| endless  | pods of several workloads stay Terminating for as long as perturbations come      |
| refusing | kubelets refuse pods that request more CPU than some manifest, less than its size |
| slow     | one workload always takes longer than the longest deadline (worlds.py)            |
"""

from random import Random

NAMES = ("endless", "endless", "refusing", "slow")


def drawn(seed: int) -> list[str]:
    """Which of them a seed's cluster has."""
    chance = Random(f"{seed}/waits")
    return [chance.choice(NAMES)] if chance.random() < 0.25 else []
