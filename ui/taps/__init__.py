"""Cards that were held to a reader, and what puts a refusal right."""
