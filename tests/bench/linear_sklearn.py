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


def compare(l2, split, theirs, ours):
    global worst
    worst = max(worst, abs(theirs - ours))
    numbers = f"{100 * theirs:12.2f} {100 * ours:12.2f} {100 * (ours - theirs):12.2f}"
    print(f"{1 / (l2 * train.sum()):<12.4g} {split:12} {numbers}", flush=True)


chosen = protocol["l2_per_image"]
print("C            accuracy, %  scikit-learn    Selfsight   difference")
for l2, ours in protocol["l2_and_validation_accuracy"]:
    if l2 != chosen and "--path" not in sys.argv:
        continue
    model = fitted(l2)
    compare(l2, "validation", model.score(standard[validation], labels[validation]), ours)
    if l2 == chosen:
        compare(l2, "test", model.score(standard[test], labels[test]), probe["accuracy"])
print(f"largest difference {100 * worst:.2f} points, at most 0.3")
sys.exit(0 if worst <= 0.003 else 1)
