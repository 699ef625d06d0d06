"""The shared look: shapes that pages fill, tags and templates that draw them, layered style sheets."""
