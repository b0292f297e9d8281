"""What is drawn: each function returns a Matplotlib figure or pixels."""
