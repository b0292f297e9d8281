"""The papers' tables and figures as data, and what computes and writes them."""
