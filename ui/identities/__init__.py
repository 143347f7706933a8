"""Identities: the people and companies that charge."""
