"""What podtailor costs and how fast it is, measured on the real thing: `make bench`.

Nothing is asserted here. Each measurement is written to bench/results and printed beside what it
must reach; the exit status says only whether all of them could be made.
"""
