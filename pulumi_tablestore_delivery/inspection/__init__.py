"""Find out about tasks without changing them: spec files, and the rules that their tasks break."""
