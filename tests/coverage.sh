#!/usr/bin/env bash
# Line coverage by project folder, merged over every Cobertura report below a folder; fails when one is under its floor.
#   tests/coverage.sh RESULTS_FOLDER FOLDER=FLOOR_PERCENT...      e.g. tests/coverage.sh artifacts/coverage Protocol=90 Fabric=90
set -euo pipefail
case "${1:-}" in ''|-h|--help) sed -n '2,3s/^# //p' "$0"; exit 2 ;; esac
results=$1; shift
mapfile -t reports < <(find "$results" -name coverage.cobertura.xml | sort)
[ ${#reports[@]} -gt 0 ] || { echo "coverage.sh: no coverage.cobertura.xml below $results" >&2; exit 1; }
awk -v floors="$*" -v top="$(pwd)/" '
  match($0, /<source>[^<]*/)        { source = substr($0, RSTART + 8, RLENGTH - 8); if (source != "" && source !~ /\/$/) source = source "/" }
  match($0, / filename="[^"]*"/)    { file = substr($0, RSTART + 11, RLENGTH - 12); if (file !~ /^\//) file = source file; sub("^" top, "", file) }
  match($0, /<line number="[0-9]+" hits="[0-9]+"/) {
    split(substr($0, RSTART, RLENGTH), part, "\""); key = file ":" part[2]
    seen[key] = 1; if (part[4] > 0) hit[key] = 1 }
  END {
    for (key in seen) { folder = key; sub("/.*", "", folder); total[folder]++; if (key in hit) covered[folder]++ }
    n = split(floors, floor, " "); bad = 0
    for (i = 1; i <= n; i++) {
      split(floor[i], f, "="); percent = total[f[1]] ? 100 * covered[f[1]] / total[f[1]] : 0
      printf "coverage: %-12s %5.1f %% of %d lines (floor %s %%)\n", f[1], percent, total[f[1]], f[2]
      if (percent < f[2]) bad = 1 }
    exit bad }' "${reports[@]}"
