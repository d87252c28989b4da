"""The one-stop backend: a kernel (settings, database, jobs, edges) and features on top of it."""
