"""The catalogue of administrative procedures: what every answer is made from."""
