"""What a network costs on this machine: milliseconds, measured in processes of their own."""
