"""Opens what `daiban gpt train` has shipped and compares logits: transformers on the folder, llama.cpp on the GGUF file.

python exported.py GIVEN.json      (written by `go run ./bench/train export`)

Prints the largest difference from the logits given; it fails where transformers' is above 1e-3. llama.cpp keeps its attention
in float32 here, yet its own sums in other orders: it has to load and to agree within 1e-2."""
import json, os, sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["TQDM_DISABLE"] = "1"
import numpy as np
import torch
from transformers import AutoModelForCausalLM

given = json.load(open(sys.argv[1]))
ids = given["ids"]
model = AutoModelForCausalLM.from_pretrained(given["folder"], dtype=torch.float32).eval()
with torch.no_grad():
    logits = model(torch.tensor([ids])).logits[0].numpy()
ours = np.array(given["folder_logits"], dtype=np.float32).reshape(len(ids), -1)
folder = float(np.abs(logits - ours).max())
del model

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gpt"))
from llama import Model

m = Model(given["gguf"], 2, 64, exact=True)
m.decode(ids, 0, every=True)
theirs = np.stack([m.logits(i).copy() for i in range(len(ids))])
ours = np.array(given["gguf_logits"], dtype=np.float32).reshape(len(ids), -1)
gguf = float(np.abs(theirs - ours).max())
print(f"transformers {folder:.1e}  llama.cpp {gguf:.1e}  (largest logit {np.abs(logits).max():.1f})")
sys.exit(folder > 1e-3 or gguf > 1e-2)
