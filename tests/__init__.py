"""All tests, and the tools that they need."""
