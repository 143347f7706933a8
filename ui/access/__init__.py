"""Who can charge where, and why; what changed in that, and what a change would do."""
