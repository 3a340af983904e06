"""One input, several runs: networks beside each other, readers of one text, one picture made harder."""
