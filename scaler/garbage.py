"""How often Python looks for objects that refer to each other in a circle and are needed no more.

What a cycle makes is gone with its last reference (a test holds that), so there is hardly anything
to find, and each search looks at everything that is new: with 10,000 pods, a twentieth of a cycle
each time, and a third of a second once it goes through all of them.
"""

import gc

THRESHOLD = 20_000
"""New objects until a search; Python's own is 700. Of the largest, about 10 MB."""


def seldom() -> None:
    """To be called once everything is imported: what is there by then is looked at no more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(THRESHOLD, *gc.get_threshold()[1:])
