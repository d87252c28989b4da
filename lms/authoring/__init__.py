"""What trainers do: write courses, take questions in, publish, pass courses on."""
