"""The use cases, a verb each. What they need of the world stands in `ports.py`."""
