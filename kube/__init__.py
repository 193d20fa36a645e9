"""The one gateway to the Kubernetes API: nothing else imports the `kubernetes` client.

Bytes come in and go out here; what the rest of the project sees are small typed structs, our own
errors, and plain integers for quantities.
"""
