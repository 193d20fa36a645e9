"""Are the modules that decide held by their tests? `python -m tests.mutation`, see __main__.py."""
