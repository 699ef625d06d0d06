"""What a KPI means, without a database: periods, rows, judging, credits. Standard library only (docs/kpis.md)."""
