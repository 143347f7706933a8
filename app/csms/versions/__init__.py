"""Each version of OCPP as a table, and how fields of real stations are read."""
