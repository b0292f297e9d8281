"""What the presets of several methods share: networks and budgets on images and on points."""
