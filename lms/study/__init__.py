"""What a learner sees: courses, lessons, quizzes, their own certificates."""
