"""Find violations of the rules: one function per rule, one module per subject."""
