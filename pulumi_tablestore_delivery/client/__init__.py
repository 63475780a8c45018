"""The client of Tablestore's delivery operations: signed, verified, repeated where that is safe."""
