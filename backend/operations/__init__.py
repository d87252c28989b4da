"""What belongs to no feature: health, metrics, dead letters."""
