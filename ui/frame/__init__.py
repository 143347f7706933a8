"""The window around the pages: what opens it, what stands at its edges, what it finds, how it closes."""
