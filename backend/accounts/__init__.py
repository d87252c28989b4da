"""Who may sign in: officers, their roles and sessions."""
