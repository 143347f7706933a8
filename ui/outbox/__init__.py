"""Letters that wait or were sent."""
