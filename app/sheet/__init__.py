"""Sheets of finished HTML in the house style."""
