"""Tests that drive the real app in a real browser, and the script that takes its pictures."""
