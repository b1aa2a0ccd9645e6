#!/bin/sh
# Holds the linear probe against scikit-learn's LogisticRegression on the same features, at the
# penalty it has chosen; with --path at every penalty it has tried, which takes several minutes.
# Fails where the two are more than 0.3 points apart.
# Usage: tests/bench/linear_sklearn.sh [--path] PROGRAM RUN [STORE] [IMAGES]
#   PROGRAM  build/release/app/selfsight
#   IMAGES   training images at most, all unless told; the comparison needs all of them
set -eu
path=
if [ "$1" = --path ]; then path=--path; shift; fi
program=$1 run=$2 store=${3:-$HOME/Selfsight} images=${4:-1000000}
python3=/usr/bin/python3
$python3 -c 'import sklearn' 2>/dev/null || apt-get install -y python3-sklearn
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# No random encoder and no raw pixels beside it: they take longer than all the rest.
"$program" probe "$run" --store "$store" --kind linear --bank "$images" --queries 100000 \
  --no-baselines --json > "$folder/probe.json"
"$program" features "$run" --store "$store" --out "$folder/features.npy" > /dev/null
$python3 "$(dirname "$0")/linear_sklearn.py" "$folder/probe.json" "$folder/features" $path
