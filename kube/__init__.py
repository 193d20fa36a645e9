"""The one gateway to the Kubernetes API: nothing else imports the `kubernetes` client.

Only this package handles bytes. The rest of the project works with small typed structs, our own
exceptions, and plain integers for quantities.
"""
