"""Training for officials."""
