"""A network from outside the package, registered as an installed package would register it."""
