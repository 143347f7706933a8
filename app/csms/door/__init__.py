"""Who may connect, over which port, with what proof; and why not."""
