"""Where attachments of tickets are kept: with all other files (see customers.files)."""

from mainstay.customers.files import LIMIT, Upload, store, where

__all__ = ["LIMIT", "Upload", "store", "where"]
