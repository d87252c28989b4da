"""Certificates: issued with the step that completes a round; anybody with the code may check."""
