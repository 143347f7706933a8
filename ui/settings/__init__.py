"""Every setting, mail included."""
