"""How long a test waits for what has to come: no measure of speed, so long that a busy machine passes.

What a test measures it measures in time of the processor, or alone (the mark ``alone``).
"""

PAGE_SECONDS = 600  # for a page in Streamlit's test harness; torch is imported for the first input
