"""Understanding Vietnamese and finding the procedure: a pure library, no table, no network.

This file and `text.py`, `teencode.py`, `typing_residue.py` also run inside Rasa's Python 3.10.
"""
