#!/bin/sh
# Holds the linear probe against scikit-learn's LogisticRegression on the same features, at each
# penalty of its path.
# Usage: tests/bench/linear_sklearn.sh PROGRAM RUN [STORE] [IMAGES]
#   PROGRAM  build/release/app/selfsight
#   IMAGES   training images, 54000 unless told
set -eu
program=$1 run=$2 store=${3:-$HOME/Selfsight} images=${4:-54000}
python3=/usr/bin/python3
$python3 -c 'import sklearn' 2>/dev/null || apt-get install -y python3-sklearn
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$program" probe "$run" --store "$store" --kind linear --bank "$images" --queries 100000 --json \
  > "$folder/probe.json"
"$program" features "$run" --store "$store" --out "$folder/features.npy" > /dev/null
$python3 "$(dirname "$0")/linear_sklearn.py" "$folder/probe.json" "$folder/features"
