"""The page: what the scaler sees and why it did what it did, read-only, over HTTP.

Rows are made from frozen values of the last cycle when somebody asks, never in the cycle.
"""
