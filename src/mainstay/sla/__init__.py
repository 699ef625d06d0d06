"""Promise clocks: business time, targets, the fold, and why a deadline is what it is.

Pure and standard library only: nothing here reads a clock, a database or a setting. The meaning of every
rule is fixed by the clock definition; sections are quoted by name ("Business time", "Targets", "Clocks").
"""
