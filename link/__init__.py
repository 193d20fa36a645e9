"""What the node agents and the scaler say to each other. Both import it, and nothing else of ours.

`messages` has the messages and their bounds, `lines` their form on the wire.
"""
