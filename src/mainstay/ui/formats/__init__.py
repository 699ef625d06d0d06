"""How days are written in each language: `{{ day|date:"DATE_FORMAT" }}`, and short `"SHORT_DATE_FORMAT"`."""
