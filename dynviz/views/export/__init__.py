"""What can be taken away: tables, pages and reports, and the list of all formats."""
