"""Each version of OCPP as a table: how messages are read, answered and asked."""
