"""The Rasa server's own project: pipeline, components, and how it is built, trained and served."""
