"""The papers' tables and the bench: plans of runs, their results, the pages made of them."""
