"""Tests on nodes that the machine's own kernel cannot be: with cgroup v2, in a virtual machine."""
