"""Would it matter to a policy if a pod lost some of its labels? Pure.

Policies of other kinds than Kubernetes' own (Cilium, Calico, Istio ...) select pods by labels as
well: a pod that loses them may lose its policy, or fall under another one. What is looked at is
everything in an object that may be a selector, whether it selects pods or the peers of pods.

| part of the object                               | matters where                               |
| ------------------------------------------------ | ------------------------------------------- |
| `matchLabels`, `matchExpressions` (side by side) | a requirement on one of the labels holds    |
| and maps of labels under `selector`, `labels`,   | before and not after, or the reverse, and   |
| `podSelector` and the like                       | none on other labels of the pod is false    |
| a text (Calico: `app == 'web' && has(tier)`)     | it compares one of the labels with the      |
|                                                  | pod's value, or in a way that is not known  |
| one of them that cannot be read                  | it names one of the labels                  |
| anything else                                    | it is no selector: never                    |

Prefixes by which Cilium says where a label is from (`k8s:app`, `any:app`) are not part of its name.
An object of another namespace counts only where it names namespaces.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping

from kube.selectors import Requirement

Labels = Mapping[str, str]
Json = object

_SOURCES = ("k8s:", "any:", "k8s.", "any.")
_MAPS = ("selector", "labels", "podSelector", "pods", "workloadSelector", "endpointSelector")
_NAMESPACES = ("namespaceSelector", "io.kubernetes.pod.namespace", "io.cilium.k8s.namespace")
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
_UNREADABLE = "?"
_NAME = r"[A-Za-z0-9_./-]"
_COMPARES = re.compile(r"""\s*(==|!=)\s*("[^"]*"|'[^']*')""")
_LISTED = re.compile(r"""\s*(?:not\s+)?in\s*\{([^}]*)\}""")
_QUOTED = re.compile(r""""([^"]*)"|'([^']*)'""")


def matters(
    policy: Mapping[str, Json], namespace: str, labels: Labels, keys: Collection[str]
) -> bool:
    """Whether the policy may treat a pod with `labels` differently without those of `keys`.

    `policy`: the object as JSON. `namespace`: the pod's.
    """
    meta = policy.get("metadata")
    home = meta.get("namespace") if isinstance(meta, Mapping) else None
    body = {k: v for k, v in policy.items() if k not in ("metadata", "status")}
    if home and home != namespace and not any(n in json.dumps(body) for n in _NAMESPACES):
        return False
    known = {k: v for k, v in labels.items() if k in keys}
    return any(_changes(part, labels, known) for part in _parts(body))


_Part = list[Requirement] | str


def _parts(value: Json, name: str = "") -> Iterator[_Part]:
    """All that may be a selector, anywhere in it."""
    if isinstance(value, str):
        if name.lower().endswith("selector"):
            yield value
    elif isinstance(value, list):
        for one in value:
            yield from _parts(one, name)
    elif isinstance(value, Mapping):
        yield from _requirements(value, name)
        for key, inner in value.items():
            yield from _parts(inner, str(key))


def _requirements(value: Mapping[str, Json], name: str) -> Iterator[list[Requirement]]:
    wanted, rows = value.get("matchLabels"), value.get("matchExpressions")
    if isinstance(wanted, Mapping) or isinstance(rows, list):
        yield [*_equal(wanted), *_read(rows)]
    elif name in _MAPS and all(isinstance(v, str) for v in value.values()):
        yield [*_equal(value)]


def _equal(wanted: Json) -> Iterator[Requirement]:
    if isinstance(wanted, Mapping):
        for key, value in wanted.items():
            yield Requirement(_named(str(key)), "In", [str(value)])


def _read(rows: Json) -> Iterator[Requirement]:
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and "key" in row:
            name, values = _named(str(row["key"])), row.get("values") or []
            if isinstance(values, list):
                yield Requirement(name, str(row.get("operator")), [str(v) for v in values])
            else:
                yield Requirement(name, _UNREADABLE, [])


def _named(key: str) -> str:
    return next((key.removeprefix(s) for s in _SOURCES if key.startswith(s)), key)


def _changes(part: _Part, labels: Labels, known: Labels) -> bool:
    if isinstance(part, str):
        return any(_text_changes(part, key, value) for key, value in known.items())
    others = (r for r in part if r.key in labels and r.key not in known)
    if not all(r.holds(labels) or r.operator not in _OPERATORS for r in others):
        return False
    after = {k: v for k, v in labels.items() if k not in known}
    return any(
        r.operator not in _OPERATORS or r.holds(labels) != r.holds(after)
        for r in part
        if r.key in known
    )


def _text_changes(text: str, key: str, value: str) -> bool:
    """Whether an expression compares the label in a way in which its absence counts."""
    for found in re.finditer(rf"(?<!{_NAME}){re.escape(key)}(?!{_NAME})", text):
        rest = text[found.end() :]
        if _quoted(text, found.start()):
            continue
        if one := _COMPARES.match(rest):
            values = {one[2][1:-1]}
        elif several := _LISTED.match(rest):
            values = {a or b for a, b in _QUOTED.findall(several[1])}
        else:
            return True
        if value in values:
            return True
    return False


def _quoted(text: str, at: int) -> bool:
    """Whether that place is inside a quoted value."""
    return any(m.start() < at < m.end() for m in _QUOTED.finditer(text))
