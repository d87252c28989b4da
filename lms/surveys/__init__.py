"""What learners say about a course when they are through with it, without their names."""
