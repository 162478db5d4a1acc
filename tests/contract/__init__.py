"""The rooms at the edges, held to what they promise."""
