"""Dossiers: where each one stands, who may see it, who is told."""
