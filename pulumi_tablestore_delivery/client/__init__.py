"""The client of Tablestore's delivery operations: signed, checked, repeated with care."""
