"""Parts of a page, each from what a run holds."""
