"""How the product speaks. Pure: rows in, blocks and views out, and a form's answer read back. No I/O."""
