"""The installed system: the chart's own pods in the real cluster, nothing on the host."""
