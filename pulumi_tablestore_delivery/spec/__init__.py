"""The specification of a delivery task: typed inputs, rules, changes and names."""
