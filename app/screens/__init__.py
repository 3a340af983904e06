"""The pages, one file each. Not called pages: Streamlit would run a folder of that name by rules of its own."""
