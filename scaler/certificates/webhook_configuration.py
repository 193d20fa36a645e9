"""The webhook's configuration as it stands in the cluster, and what is wrong with it. Pure.

A probe goes through an entry of its own. That what it shows holds for pods too is read here.

| of the entry for pods                                        | then                        |
| ------------------------------------------------------------ | --------------------------- |
| no rule that covers the creation of pods                     | it leaves all pods out      |
| its namespaceSelector does not select the pods' namespace    | it leaves these pods out    |
| its objectSelector does not select the template's labels     | it leaves these pods out    |
| another webhook, or another trust than the entry for probes  | a probe proves nothing      |
| matchConditions                                              | not looked at: they are CEL |
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kube.objects import Meta
from kube.selectors import EVERYTHING, Selector

Labels = Mapping[str, str]


class ServiceReference(msgspec.Struct, frozen=True):
    """What the API server calls, where that is no URL."""

    name: str = ""
    namespace: str = ""
    path: str = "/"
    port: int = 443


class Client(msgspec.Struct, frozen=True, rename="camel"):
    """Where the webhook is, and whose certificates it may have."""

    ca_bundle: bytes | None = None
    url: str | None = None
    service: ServiceReference | None = None


class Rule(msgspec.Struct, frozen=True, rename="camel"):
    """What the API server asks about."""

    api_groups: list[str] = []
    resources: list[str] = []
    operations: list[str] = []

    def creates_pods(self) -> bool:
        """Whether pods that are created are meant."""
        return (
            not {"", "*"}.isdisjoint(self.api_groups)
            and not {"pods", "*", "*/*"}.isdisjoint(self.resources)
            and not {"CREATE", "*"}.isdisjoint(self.operations)
        )


class Entry(msgspec.Struct, frozen=True, rename="camel"):
    """One webhook of the configuration."""

    name: str
    client_config: Client = Client()
    namespace_selector: Selector | None = None
    object_selector: Selector | None = None
    rules: list[Rule] | None = None

    def leaves_out(self, namespace: str, labels: Labels, pod: Labels) -> str | None:
        """Why pods with these labels, in a namespace with those, never come to it."""
        if not any(rule.creates_pods() for rule in self.rules or ()):
            return f"{self.name} has no rule for pods that are created"
        if not (self.namespace_selector or EVERYTHING).matches(labels):
            return f"the namespaceSelector of {self.name} does not select {namespace}"
        if not (self.object_selector or EVERYTHING).matches(pod):
            return f"the objectSelector of {self.name} does not select the template's labels"
        return None


class Configuration(msgspec.Struct, frozen=True):
    """A MutatingWebhookConfiguration, as far as we look at it."""

    metadata: Meta
    webhooks: list[Entry] | None = None

    def entries(self, names: Sequence[str]) -> list[Entry]:
        """Those of the entries that are there."""
        return [entry for entry in self.webhooks or () if entry.name in names]

    def bundles(self, names: Sequence[str]) -> dict[str, bytes]:
        """What each of the entries that are there trusts."""
        return {e.name: e.client_config.ca_bundle or b"" for e in self.entries(names)}


def unlike(entries: Iterable[Entry]) -> str:
    """What a probe says nothing about, for the entries differ in it; empty: it speaks for all."""
    clients = [e.client_config for e in entries]
    names = " and ".join(e.name for e in entries)
    if len({c.ca_bundle for c in clients}) > 1:
        return f"{names} have different caBundles: a probe proves nothing for pods"
    if len({(c.url, c.service) for c in clients}) > 1:
        return f"{names} call different webhooks: a probe proves nothing for pods"
    return ""
