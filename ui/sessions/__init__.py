"""Sessions: who charged where, when and how much."""
