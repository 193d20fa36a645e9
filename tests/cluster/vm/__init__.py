"""Nodes of the embedded cluster in virtual machines: what the machine's own kernel cannot show."""
