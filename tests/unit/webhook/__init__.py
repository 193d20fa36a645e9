"""The webhook: tables and laws for its pure half, a real server over TLS for the rest."""
