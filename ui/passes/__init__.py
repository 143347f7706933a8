"""Passes: every card, fob and tag."""
