"""What Streamlit's own frame around the pages does not do by itself."""
