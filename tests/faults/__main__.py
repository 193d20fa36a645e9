"""`python -m tests.faults`: the table of what the tests have measured last, as Markdown."""

from tests.faults import figures

if __name__ == "__main__":
    print(figures.table(figures.read()))
