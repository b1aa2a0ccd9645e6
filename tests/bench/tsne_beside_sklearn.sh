#!/bin/sh
# Times Selfsight's t-SNE and scikit-learn's on the same features with the same settings, one after
# the other on this machine, two threads each: Fashion-MNIST's test images, 50 principal
# components, perplexity 30, 1000 iterations. Prints both and the ratio as one JSON object.
# Usage: tests/bench/tsne_beside_sklearn.sh [path/to/selfsight]
set -e
cd "$(dirname "$0")/../.."
python=/usr/bin/python3  # the one that Debian packages install into
program=${1:-build/release/app/selfsight}
if ! $python -c 'import sklearn' 2>/dev/null; then
  apt-get install -y --no-install-recommends python3-sklearn >/dev/null
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export OMP_NUM_THREADS=2
"$program" bench map --save-features "$folder/features.npy" --trustworthiness --json \
  > "$folder/ours.json"
$python - "$folder" << 'PYTHON'
import json
import sys
import time

import numpy
import sklearn
from sklearn.manifold import TSNE, trustworthiness

folder = sys.argv[1]
features = numpy.load(folder + "/features.npy")
ours = json.load(open(folder + "/ours.json"))
peer = TSNE(perplexity=30, n_iter=1000, init="pca", learning_rate="auto", random_state=0, n_jobs=2)
begin = time.time()
layout = peer.fit_transform(features)
seconds = time.time() - begin
print(json.dumps({
    "points": features.shape[0], "dimensions": features.shape[1],
    "selfsight_seconds": ours["seconds"], "selfsight_kl": ours["kl"],
    "selfsight_trustworthiness_k10": ours["trustworthiness_k10"],
    "sklearn": sklearn.__version__, "sklearn_seconds": seconds,
    "sklearn_kl": float(peer.kl_divergence_),
    "sklearn_trustworthiness_k10": float(trustworthiness(features, layout, n_neighbors=10)),
    "times_faster": seconds / ours["seconds"]}))
PYTHON
