"""What each operation of the service does: handlers, the rules of their fields, their errors."""
