"""Lists that come in and go out."""
