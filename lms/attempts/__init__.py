"""Quizzes being taken: drawn, answered, saved, handed in and marked."""
