"""What the commands find out: existing tasks, stacks, files of tasks, rows, doctor's checks."""
