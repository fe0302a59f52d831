"""A small program stays small: hello has at most 64 KiB."""
from harness import *

app = compile_to("hello", HELLO)
expect(must(app), b"hello\n", "output")
size = app.stat().st_size
print(f"hello: {size} bytes")
if size > 65536:
    fail(f"hello has {size} bytes, more than 65536")
