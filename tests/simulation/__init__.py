"""A cluster in memory and the real scaler in it: every crash, every stale view, from one seed.

Nothing in here is part of the product and no line of the product knows that it is simulated: only
its gateway and its clocks are replaced. See docs/reliability.md for how to add a perturbation.
"""
