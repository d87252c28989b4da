"""How to read what agencies publish: rules that turn free text into facts, or leave it text.

Pure functions, shared by all importers. Their one law: what is not certain stays text. A number
that cannot be right is left out and the published words are kept, so that a citizen is shown what
the source says and never what we guessed.
"""
