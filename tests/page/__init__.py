"""The page in a real browser: what a person sees, by keyboard, on a phone, with 1,000 workloads."""
