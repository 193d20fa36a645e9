"""What podtailor costs and how fast it is, measured on a real cluster: `make bench`.

Nothing is asserted here. Each measurement is written to bench/results and printed beside its
requirement; the exit status says only whether all measurements could be made.
"""
