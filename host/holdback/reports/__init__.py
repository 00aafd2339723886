"""What a race looks like on paper: plain functions that return text, for the command line to write."""
