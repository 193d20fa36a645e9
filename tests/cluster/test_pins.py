"""What is built for another architecture is kept apart from this machine's own."""

from .pins import PARTS, node_part


def test_a_node_s_programs_for_another_architecture_have_a_key_of_their_own() -> None:
    own, other = PARTS[0], node_part("arm64")
    assert other.key not in (own.key, node_part("riscv64").key)
    assert set(other.binaries) < set(own.binaries)
    assert (other.folder, other.version) == (own.folder, own.version)
