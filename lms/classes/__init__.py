"""Classes held in a room: when and where, who comes, and the roll-call."""
