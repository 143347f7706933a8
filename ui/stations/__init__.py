"""Stations: those that are there, and those that want to join."""
