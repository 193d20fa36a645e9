"""`make demo-unlike`: one workload on unlike nodes, and a size for each kind of them."""
