"""What judges look usage up by."""

from tests.simulation import shapes
from tests.simulation.apps import App
from tests.simulation.counters import Counters


def test_workloads_of_one_program_are_told_apart() -> None:
    """Seed 4199: a neighbour's minute at its limit was looked for among another's pods."""
    counters, program = Counters(), App("w0", {"main": 50.0}, 0)
    for number, name in enumerate(("w0", "neighbour")):
        pod = {
            "metadata": {"namespace": "shop", "name": name, "uid": name, "labels": {"app": name}},
            "spec": {"nodeName": "node", "containers": [shapes.container("main", None, None)]},
        }
        counters.start(pod, "main", float(number), program)
    assert [c.pod for c in counters.all["neighbour", "main"]] == ["neighbour"]
    assert [c.pod for c in counters.all["w0", "main"]] == ["w0"]
