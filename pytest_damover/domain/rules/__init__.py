"""The rules of the gate, one module for each group: a rule gives findings, also when it passes."""
