"""Zalo beside its channels: tokens, windows, what was sent, and their staff page."""
