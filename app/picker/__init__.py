"""The picker of a network, the same on every page: what it knows, family, mechanism, network."""
