"""Re-execution by others, what differs between versions, and the pages to read."""
