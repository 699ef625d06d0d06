"""Support policies as documents and files: pure, without database or Django (N2, P2, P3)."""
