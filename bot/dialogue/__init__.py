"""One conversation: state, policy, flows. Read `engine.py` first."""
