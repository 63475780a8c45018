"""What a delivery task is to be: its typed inputs, their rules, their changes, its name."""
