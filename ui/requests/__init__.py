"""Who was refused and asks to be let in."""
