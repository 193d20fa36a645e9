"""The webhook's configuration in the cluster, and what is wrong with it. Pure.

A probe uses an entry of its own. Whether its result applies to pods is checked here.

| the entry for pods                                               | result                     |
| ---------------------------------------------------------------- | -------------------------- |
| has no rule for the creation of pods                             | all pods are excluded      |
| has a namespaceSelector that does not select the pods' namespace | these pods are excluded    |
| has an objectSelector that does not select the template's labels | these pods are excluded    |
| has another webhook or caBundle than the entry for probes        | a probe proves nothing     |
| has matchConditions                                              | ignored: they are CEL      |
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kube.objects import Meta
from kube.selectors import EVERYTHING, Selector

Labels = Mapping[str, str]


class ServiceReference(msgspec.Struct, frozen=True):
    """The Service that the API server calls, if the entry has no URL."""

    name: str = ""
    namespace: str = ""
    path: str = "/"
    port: int = 443


class Client(msgspec.Struct, frozen=True, rename="camel"):
    """The webhook's address, and the CAs that its certificate may be signed by."""

    ca_bundle: bytes | None = None
    url: str | None = None
    service: ServiceReference | None = None


class Rule(msgspec.Struct, frozen=True, rename="camel"):
    """The requests for which the API server calls the webhook."""

    api_groups: list[str] = []
    resources: list[str] = []
    operations: list[str] = []

    def creates_pods(self) -> bool:
        """Whether the rule covers the creation of pods."""
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
        """Why the entry excludes pods; None: it does not.

        `labels`: the namespace's. `pod`: the pods' labels.
        """
        if not any(rule.creates_pods() for rule in self.rules or ()):
            return f"{self.name} has no rule for pods that are created"
        if not (self.namespace_selector or EVERYTHING).matches(labels):
            return f"the namespaceSelector of {self.name} does not select {namespace}"
        if not (self.object_selector or EVERYTHING).matches(pod):
            return f"the objectSelector of {self.name} does not select the template's labels"
        return None


class Configuration(msgspec.Struct, frozen=True):
    """The fields of a MutatingWebhookConfiguration that podtailor reads."""

    metadata: Meta
    webhooks: list[Entry] | None = None

    def entries(self, names: Sequence[str]) -> list[Entry]:
        """Those of the named entries that exist."""
        return [entry for entry in self.webhooks or () if entry.name in names]

    def bundles(self, names: Sequence[str]) -> dict[str, bytes]:
        """The caBundle of each of the named entries that exist."""
        return {e.name: e.client_config.ca_bundle or b"" for e in self.entries(names)}


def unlike(entries: Iterable[Entry]) -> str:
    """Why a probe proves nothing for pods: the entries differ. Empty: they do not."""
    clients = [e.client_config for e in entries]
    names = " and ".join(e.name for e in entries)
    if len({c.ca_bundle for c in clients}) > 1:
        return f"{names} have different caBundles: a probe proves nothing for pods"
    if len({(c.url, c.service) for c in clients}) > 1:
        return f"{names} call different webhooks: a probe proves nothing for pods"
    return ""
