"""HTTP load from real clients, and the result of each request."""
