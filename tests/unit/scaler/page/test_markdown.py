"""docs/reasons.md as HTML: its forms, and that no text of it becomes HTML."""

import re

import pytest

from scaler.page.assets import reasons
from scaler.page.markdown import anchor, html, meanings
from store.reasons import Reason


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("### Doubled", '<h3 id="doubled">Doubled</h3>'),
        ("one\ntwo", "<p>one two</p>"),
        ("- `a < b`\n- c", "<ul><li><code>a &lt; b</code></li><li>c</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("    kubectl get <x>\n      y", "<pre>kubectl get &lt;x&gt;\n  y</pre>"),
        ("**so** [here](#there)", '<p><strong>so</strong> <a href="#there">here</a></p>'),
        ("[file](other.md#x)", "<p>file</p>"),
        ("`[no](#link) **bold**`", "<p><code>[no](#link) **bold**</code></p>"),
        ("<script>", "<p>&lt;script&gt;</p>"),
        (
            "| a | b |\n| --- | --- |\n| c | `d` |",
            '<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
            "<tbody><tr><td>c</td><td><code>d</code></td></tr></tbody></table>",
        ),
    ],
)
def test_each_form_becomes_its_element(text: str, made: str) -> None:
    assert html(text) == made


def test_every_reason_has_a_place_to_link_to_and_a_meaning_in_plain_text() -> None:
    made, known = html(reasons()), meanings(reasons())
    for reason in Reason:
        assert f'id="{anchor(reason)}"' in made
        assert known[reason] and not re.search(r"[`*\n]|\]\(", known[reason])
    links = set(re.findall(r'href="#([^"]+)"', made))
    assert links <= set(re.findall(r'id="([^"]+)"', made))
    assert not re.search(r"<(script|img|iframe)", made)
