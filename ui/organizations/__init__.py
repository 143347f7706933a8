"""Organizations: for a site of several tenants."""
