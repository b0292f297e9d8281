"""Speed and memory, printed as ratios: what kgan does beside what one would write without it."""
