"""How each type of decision is drawn, and the panels that hold the drawings."""
