"""Questions that learners ask under a lesson, and what trainers answer."""
