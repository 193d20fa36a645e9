"""Builds the container image: with Docker where an engine runs, otherwise with buildah.

Without Docker nothing is pulled: the base images that the Dockerfile takes by ARG are built here
from Debian packages. Only the standard library is used, so that the image can be built before (or
without) the virtual environment.
"""
