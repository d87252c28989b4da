"""The officers' inbox: pages over `bot/handover`, and what goes out from there to channels."""
