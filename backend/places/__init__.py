"""Where people go: one-stop centres, and which commune an old one became."""
