"""Answers pod creations from the store: the only thing that touches a pod.

It reads the store and nothing else, decides nothing, and never stands in a pod's way: whatever
goes wrong, the answer is `allowed: true`, at worst without a patch.
"""
