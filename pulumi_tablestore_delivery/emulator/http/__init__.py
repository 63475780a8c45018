"""The HTTP side of the emulator: server, signatures, control routes."""
