"""The names of the annotations and labels that pods, workloads and namespaces carry."""

PREFIX = "podtailor.io/"

SIZE_REVISION = PREFIX + "size-revision"
"""On a pod: the revision of the size that the webhook read (0: a PodSize without a size)."""

BASIS = PREFIX + "basis"
"""On a pod: JSON that maps container names to the requests and limits that they came with."""

PROBE_LABEL = PREFIX + "probe"
"""On the scaler's dry-run pod, `"true"`: the webhook's second entry selects it."""

PROBE_FOR = PREFIX + "probe-for"
"""On that pod: NAMESPACE/PODSIZE, the PodSize whose revision is requested."""

FIRST_TO_GO = {"controller.kubernetes.io/pod-deletion-cost": str(-(2**31))}
"""Our mark on a pod that was drained. ReplicaSets and ReplicationControllers choose by it among
pods that are Ready, should one get such a pod back."""
SURPLUS = {"controller.kubernetes.io/pod-deletion-cost": str(1 - 2**31)}
"""On a pod that goes back to its owner though its replacement is Ready: it, not that, is to go."""

NODE_CLASS = PREFIX + "node-class"
"""A node's label: which kind of node it is, in users' own words."""
SPEED = PREFIX + "speed"
"""A node's annotation, or label: how fast it is against others, 1 where none is given."""
