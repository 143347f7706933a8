"""OCPP-J without sockets: text in, one event out."""
