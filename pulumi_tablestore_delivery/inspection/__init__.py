"""The logic of the commands: existing tasks, stacks, files of tasks, rows, doctor's checks."""
