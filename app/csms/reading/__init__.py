"""What real stations send, field by field: mended where the meaning is certain, and each repair noted."""
