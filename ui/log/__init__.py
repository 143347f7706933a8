"""The live log."""
