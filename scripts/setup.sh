# Sourced by run and test: installs what is missing, configures and builds.
# Sets BUILD, the build folder.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
PRESET=${SELFSIGHT_PRESET:-release}
BUILD=$root/build/$PRESET

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

install_packages() {
  local wanted missing=() as_root=()
  mapfile -t wanted < <(sed 's/#.*//; /^[[:space:]]*$/d' scripts/packages.txt)
  for package in "${wanted[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { say "These packages are missing, and only root can install them: ${missing[*]}"; exit 1; }
    as_root=(sudo)
  fi
  say "Installing ${#missing[@]} packages: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

build() { # build [target...]
  if [ ! -f "$BUILD/build.ninja" ]; then
    say "Configuring"
    cmake --preset "$PRESET" >"$root/build-configure.log" 2>&1 || { cat "$root/build-configure.log" >&2; exit 1; }
    rm -f "$root/build-configure.log"
  fi
  local log
  log=$(mktemp)
  if [ -t 2 ]; then
    cmake --build --preset "$PRESET" --target "${@:-all}" >&2
  else
    cmake --build --preset "$PRESET" --target "${@:-all}" >"$log" 2>&1 || { tail -n 60 "$log" >&2; exit 1; }
  fi
  rm -f "$log"
}
