"""A real Kubernetes in network namespaces of its own, for tests on a machine without one.

Everything is started from binaries that `pins` names and `build` makes once; the names of all
that is created on the machine come from `layout`, so that two checkouts never meet and `down`
finds the whole of it again. It must never touch a process, mount or interface that is not its own.
"""
