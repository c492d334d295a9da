"""Many samples in one process: which ones belong together, what has to be made again, and how a failure stays alone."""
