"""The operations of the service: handlers, the rules of their fields, their errors."""
