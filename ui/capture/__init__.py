"""Holding card after card to one reader."""
