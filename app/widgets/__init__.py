"""Parts of pages: how a picture and a network are chosen, how results leave the page."""
