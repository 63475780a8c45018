"""A client for Tablestore: signs requests, verifies answers, and repeats calls if that is safe."""
