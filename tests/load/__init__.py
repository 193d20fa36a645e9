"""HTTP load from real clients, and what became of each request."""
