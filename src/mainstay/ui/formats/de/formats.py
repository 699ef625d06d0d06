"""German: 24. November 2026, 24. Nov. 2026."""

DATE_FORMAT = "j. F Y"
SHORT_DATE_FORMAT = "j. N Y"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j. N"
