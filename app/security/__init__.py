"""What a station proves itself with, and what the site proves itself with: passwords and certificates."""
