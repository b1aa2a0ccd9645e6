# The comparison itself: see linear_sklearn.sh.
import csv
import json
import sys

import numpy as np
from sklearn.linear_model import LogisticRegression

probe = [json.loads(line) for line in open(sys.argv[1])][-1]
protocol = probe["protocol"]
features = np.load(sys.argv[2] + ".npy").astype(np.float64)
rows = list(csv.DictReader(open(sys.argv[2] + ".csv")))
labels = np.array([int(row["label"]) for row in rows])
split = np.array([row["split"] for row in rows])
train, validation, test = (split == name for name in ("train", "validation", "test"))
if train.sum() != protocol["bank_images"]:
    sys.exit("The probe must have learnt from all training images: raise IMAGES.")

mean, deviation = features[train].mean(0), features[train].std(0)
deviation[deviation < 1e-10] = 1
standard = (features - mean) / deviation


def fitted(l2_per_image):
    c = 1 / (l2_per_image * train.sum())
    model = LogisticRegression(C=c, tol=1e-6, max_iter=2000)
    return model.fit(standard[train], labels[train])


worst = 0
print("C             scikit-learn   Selfsight   (validation, %)")
for l2, ours in protocol["l2_and_validation_accuracy"]:
    theirs = fitted(l2).score(standard[validation], labels[validation])
    worst = max(worst, abs(theirs - ours))
    print(f"{1 / (l2 * train.sum()):<12.4g} {100 * theirs:12.2f} {100 * ours:12.2f}")
theirs = fitted(protocol["l2_per_image"]).score(standard[test], labels[test])
worst = max(worst, abs(theirs - probe["accuracy"]))
print(f"chosen, test {100 * theirs:12.2f} {100 * probe['accuracy']:12.2f}")
print(f"largest difference {100 * worst:.2f} points, at most 0.3")
sys.exit(0 if worst <= 0.003 else 1)
