"""Every format procedures are imported from. To add one: a file here, a line below."""
