"""What the pipeline adds to Rasa; runs in Rasa's Python 3.10."""
