"""What the two programs agree on: the PodSize object, reason codes, and what a size does to a pod.

The scaler writes the store, the webhook reads it, and they never talk to each other. Everything
that both must understand in exactly the same way is defined here and only here.
"""
