"""The Streamlit app: thin pages over the dynviz library, no tensor operations."""
