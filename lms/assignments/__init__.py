"""Who must complete what by when, and who has."""
