"""What a run keeps beside its scores, one file a kind."""
