"""The site at a glance, and what to do next."""
