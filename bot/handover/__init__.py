"""From the assistant to an officer and back: rules and rows; the pages are in `bot/inbox`."""
