"""Builds the one container image: with Docker where there is an engine, else with buildah.

Without Docker nothing is pulled: the bases that the Dockerfile names by ARG are made here from
Debian packages. Only the standard library is used, so that an image can be built before (or
without) the virtual environment.
"""
