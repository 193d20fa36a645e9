"""What wakes the loop: an object that a watch brought, or what concerns every workload."""

import threading


class Wake(threading.Event):
    """Set by any thread; `taken` by the loop."""

    def __init__(self) -> None:
        super().__init__()
        self._everything = True

    def set(self) -> None:
        """Usage, a repaired trust, an action of ours: all workloads are to be decided on."""
        self._everything = True
        super().set()

    def changed(self) -> None:
        """A watch has brought an object, which the snapshot shows."""
        super().set()

    def taken(self) -> bool:
        """Clear it: whether all workloads are to be decided on."""
        self.clear()  # first: what is set from here on wakes the loop once more
        everything, self._everything = self._everything, False
        return everything
