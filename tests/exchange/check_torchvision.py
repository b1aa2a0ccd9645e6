"""Loads what export_sample wrote into torchvision's own ResNet-18 and compares the features.

Leaves with 77, which CTest takes for skipped, where torch or torchvision is missing.
"""

import json
import struct
import sys

try:
    import numpy as np
    import torch
    import torchvision
except ImportError as missing:
    print(missing)
    sys.exit(77)


def read_safetensors(path):
    """The published format: length of the header, the header as JSON, the numbers."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    kinds = {"F32": np.float32, "I64": np.int64}
    state = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        numbers = np.frombuffer(data[begin:end], dtype=kinds[entry["dtype"]])
        state[name] = torch.from_numpy(numbers.reshape(entry["shape"]).copy())
    return state


folder = sys.argv[1]
model = torchvision.models.resnet18()
model.fc = torch.nn.Identity()
model.load_state_dict(read_safetensors(folder + "/resnet18.safetensors"), strict=True)
model.eval()
images = torch.from_numpy(np.load(folder + "/images.npy")).reshape(-1, 3, 64, 64)
wanted = torch.from_numpy(np.load(folder + "/features.npy"))
with torch.no_grad():
    off = (model(images) - wanted).abs().max().item()
print("torchvision", torchvision.__version__, "features differ by at most", off)
sys.exit(0 if off < 1e-5 and wanted.abs().max() > 0.1 else 1)
