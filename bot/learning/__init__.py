"""How turns were answered, what officers teach from that, and the models made of it."""
