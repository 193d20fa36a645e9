"""Everything that is run to show that the rest works."""
