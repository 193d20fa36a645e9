"""README.md's commands: what runs each of them, and a script that records what a user sees."""
