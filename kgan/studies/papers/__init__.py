"""The tables and figures of the papers, as data: one file a paper."""
