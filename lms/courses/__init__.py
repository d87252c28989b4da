"""Courses: what they are made of, their versions, who takes them, and how far they are."""
