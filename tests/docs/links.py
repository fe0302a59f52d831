"""Links between documents, and from them to files, lead somewhere; every
source file has its place in docs/architecture.md."""
import re

from harness import *

documents = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
for document in documents:
    text = re.sub(r"^```.*?^```$", "", document.read_text(), flags=re.M | re.S)
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if link.startswith(("https://", "http://")):
            continue
        if not (document.parent / link).exists():
            fail(f"{document.relative_to(ROOT)}: nothing at {link}")

architecture = (ROOT / "docs/architecture.md").read_text()
linked = set(re.findall(r"\]\(\.\./([^)#]+)\)", architecture))
for folder in ("compiler", "runtime", "memory_backends", "libc_backing",
               "ports"):
    for path in sorted((ROOT / folder).glob("**/*")):
        name = str(path.relative_to(ROOT))
        if path.suffix not in (".cpp", ".def", ".h", ".hpp", ".S", ".c"):
            continue
        # The header of a source file goes with it.
        if path.suffix == ".h" and path.with_suffix(".cpp").exists():
            continue
        if name not in linked:
            fail(f"docs/architecture.md has no link to {name}")
