"""HTTP around the operations: server, signatures, control routes."""
