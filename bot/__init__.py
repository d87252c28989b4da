"""The assistant: channels, dialogue, replies, delivery."""
