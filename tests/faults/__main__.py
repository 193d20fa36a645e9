"""`python -m tests.faults`: the tests' latest measurements as a Markdown table."""

from tests.faults import figures

if __name__ == "__main__":
    print(figures.table(figures.read()))
