"""What finds the breaches of the rules: a function a rule, a module a subject."""
