"""The thesis's experiment: two web servers at their limit, and what podtailor makes of it."""
