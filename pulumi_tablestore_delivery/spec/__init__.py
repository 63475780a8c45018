"""The declaration of a delivery task: its typed inputs, their rules and changes, and its name."""
