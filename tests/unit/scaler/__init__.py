"""Tests of the scaler."""
