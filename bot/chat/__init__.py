"""The chat on our own pages, and the same chat for programs: `/` and `/api/v1/chat`."""
