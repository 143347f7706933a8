"""One station's connection for as long as it lives."""
