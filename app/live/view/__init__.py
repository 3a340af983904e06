"""The live view: what the browser is sent of a sweep, and the component that shows it."""
