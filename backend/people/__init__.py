"""Agencies and the officials who work there, as they are and as they were."""
