"""The words of the product, without I/O: what the other rooms speak in."""
