"""Reports: who is missing where, the plan's targets, hours, statistics; closed periods for ever."""
