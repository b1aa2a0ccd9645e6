"""Runs `selfsight bench` and peer.py in turn and tells both, as medians, and their ratio."""
import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
SIMCLR = ["--preset", "simclr-cifar", "--set", "train.batch_size=256"]
MAE = ["--preset", "mae-32"]
# name: our arguments, the peer's, whether the peer is measured with the right BLAS kernels too.
CASES = {
    "views-32": (["views", *SIMCLR], ["views", "--size", "32", "--in-memory"], False),
    "views-224": (["views", *SIMCLR, "--set", "views.size=224", "--decode"],
                  ["views", "--size", "224"], False),
    "resnet18": (["train", *SIMCLR], ["train", "--encoder", "resnet18"], True),
    "resnet20": (["train", *SIMCLR, "--set", "encoder.name=resnet20"],
                 ["train", "--encoder", "resnet20"], True),
    "mae": (["train", *MAE], ["train", "--method", "mae", "--encoder", "vit_tiny"], True),
}


def best_kernels():
    """What `selfsight` chooses for itself; see app/kernels.cpp."""
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    if "avx512vl" in flags:
        return "SkylakeX"
    return "Haswell" if "avx2" in flags and "fma" in flags else None


def make_large_pictures(source, folder, count=200):
    """JPEGs of 500 x 375, quality 90: mosaics of small pictures, so that there is detail."""
    small = sorted(pathlib.Path(source).rglob("*.jpg")) + sorted(pathlib.Path(source).rglob("*.png"))
    chance = random.Random(0)
    for part in ("a", "b"):  # two classes, as ImageFolder wants folders
        (folder / "train" / part).mkdir(parents=True)
    for i in range(count):
        mosaic = Image.new("RGB", (500, 375))
        for column in range(4):
            for row in range(3):
                with Image.open(chance.choice(small)) as tile:
                    mosaic.paste(tile.convert("RGB").resize((125, 125), Image.BICUBIC),
                                 (125 * column, 125 * row))
        mosaic.save(folder / "train" / "ab"[i % 2] / f"{i:04}.jpg", quality=90)


def measured(command, environment):
    done = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE,
                          text=True, check=True)
    result = json.loads(done.stdout.strip().splitlines()[-1])
    return result.get("views_per_second") or result["images_per_second"]


def run_case(name, data, arguments):
    ours, peer, kernels = CASES[name]
    seconds = ["--seconds", str(arguments.seconds)]
    peer = [sys.executable, str(HERE / "peer.py"), *peer, *seconds, "--data", str(data / "train")]
    ours = [arguments.program, "bench", *ours, *seconds, "--data", str(data), "--json"]
    sides = {"selfsight": (ours, {}), "pytorch": (peer, {})}
    if kernels and best_kernels():
        sides["pytorch_right_kernels"] = (peer, {"OPENBLAS_CORETYPE": best_kernels()})
    if kernels:
        sides["selfsight_without_views"] = (ours + ["--without-views"], {})
    rates = {side: [] for side in sides}
    for _ in range(arguments.rounds):
        for side, (command, environment) in sides.items():
            rates[side].append(measured(command, environment))
            print(f"{name} {side} {rates[side][-1]:.1f}", file=sys.stderr, flush=True)
    medians = {side: statistics.median(values) for side, values in rates.items()}
    result = {"case": name, "unit": "views/s" if name.startswith("views") else "images/s",
              "medians": medians, "rounds": rates,
              "ratio": medians["selfsight"] / medians["pytorch"]}
    if "pytorch_right_kernels" in medians:
        result["ratio_right_kernels"] = medians["selfsight"] / medians["pytorch_right_kernels"]
    if "selfsight_without_views" in medians:
        result["part_of_step_rate"] = medians["selfsight"] / medians["selfsight_without_views"]
    return result


def tell(result):
    words = [f"{side} {rate:.1f}" for side, rate in result["medians"].items()]
    words += [f"{key.replace('_', ' ')} {result[key]:.2f}"
              for key in ("ratio", "ratio_right_kernels", "part_of_step_rate") if key in result]
    print(f"{result['case']} ({result['unit']}): " + "  ".join(words), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=pathlib.Path, help="folder with train/CLASS/*.jpg of 32 px")
    parser.add_argument("--only", default=",".join(CASES), help="names of cases, with commas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20, help="of each measurement")
    parser.add_argument("--program", default=str(HERE.parents[1] / "build/release/app/selfsight"))
    parser.add_argument("--json", action="store_true", help="one JSON object per case")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        large = pathlib.Path(scratch)
        for name in arguments.only.split(","):
            if name == "views-224" and not (large / "train").exists():
                make_large_pictures(arguments.data / "train", large)
            result = run_case(name, large if name == "views-224" else arguments.data, arguments)
            print(json.dumps(result), flush=True) if arguments.json else tell(result)


if __name__ == "__main__":
    main()
