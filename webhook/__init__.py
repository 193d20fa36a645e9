"""The mutating webhook: gives new pods their stored size, and is the only code that changes a pod.

It reads only the store, makes no decisions, and never blocks a pod: whatever goes wrong, the answer
is `allowed: true`, at worst without a patch.
"""
