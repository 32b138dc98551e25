"""What was coded, how it is kept true, and how a part of it is chosen."""
