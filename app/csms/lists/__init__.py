"""Every station's own list kept in step with its pool."""
