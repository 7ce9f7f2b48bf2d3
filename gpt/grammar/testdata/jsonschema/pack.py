"""Packs the JSON-Schema-Test-Suite (https://github.com/json-schema-org/JSON-Schema-Test-Suite, MIT) as
carried by the source distribution of the Python package jsonschema 4.26.0, folder json/:

    python3 pack.py FOLDER/json

writes suite.json.gz: {draft: {file: its text}}."""
import glob, gzip, json, os, sys

root = os.path.join(sys.argv[1], "tests")
out = {}
for draft in ["draft2020-12", "draft7"]:
    base = os.path.join(root, draft)
    files = glob.glob(base + "/*.json") + glob.glob(base + "/optional/*.json")
    # Numbers stay as they are written (1.0, 1e308).
    out[draft] = {os.path.relpath(f, base)[:-5]: " ".join(open(f, encoding="utf-8").read().split("\n")) for f in sorted(files)}
text = json.dumps(out, ensure_ascii=True, separators=(",", ":"))
with open("suite.json.gz", "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, compresslevel=9, filename="") as z:
    z.write(text.encode())
