"""Watches usage, decides, writes the store and has pods recreated."""
