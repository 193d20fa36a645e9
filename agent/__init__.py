"""The node agent: reads the kernel's counters ten times a second, and tells the scaler.

It decides nothing, and has no right at the API server. It imports as little as possible: it runs on
every node.
"""
