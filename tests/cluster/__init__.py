"""A real Kubernetes in network namespaces of its own, for tests on a machine without a cluster.

Everything runs from binaries that `pins` lists and `build` builds once. The names of everything
created on the machine come from `layout`, so that two checkouts never collide and `down` finds all
of it again. It must never touch a process, mount or interface that does not belong to it.
"""
