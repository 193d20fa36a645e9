"""The thesis's experiment: two web servers at their limit, and how podtailor resizes them."""
