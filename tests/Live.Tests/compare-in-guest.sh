#!/bin/bash
# Compares the program with the kernel's soft RoCE, ib_isert and LIO on the same work, inside one guest: perftest between two kernel devices,
# between a kernel device and us, and between two of us, each over a veth pair; fio through the kernel's ib_iser against LIO and against us.
# Prints a table with the ratios. Needs the guest that build-guest.sh makes, QEMU, e2fsprogs and the .NET SDK; no root.
#
#   ./compare-in-guest.sh                 everything: a quarter of an hour on an idle machine
#   ./compare-in-guest.sh perf|disk       one half
#   ./compare-in-guest.sh --real-time [N] on the machine's own clock, with N processors (default 2), see below
#
# The guest has one processor and its clock counts the processor's instructions (QEMU's -icount, two nanoseconds each): the figures do not
# depend on what else the machine does, and say how many instructions the work takes, both ends, kernel and user, together. They are not
# those of hardware: an instruction is an instruction, whether it adds two registers or multiplies 128 bits, and no cache is ever missed.
# String instructions count once a byte or word, so nobody is offered them (no ERMS; clearcpuid=rep_good).
# --real-time measures what emulation costs instead, and two processors let both ends run at once.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
lab=${WEFT_LAB:-/var/tmp/weft-lab}
accel=(-accel tcg,thread=single,tb-size=512 -icount shift=1,sleep=off) cpus=1 clock=instructions what=(perf disk)
while [ $# -gt 0 ]; do
  case $1 in
    --help|-h) sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --real-time) accel=(-accel tcg,thread=multi,tb-size=512); cpus=2; clock="the machine's"; if [[ ${2:-} =~ ^[0-9]+$ ]]; then cpus=$2; shift; fi ;;
    perf|disk) what=("$1") ;;
    *) echo "compare-in-guest.sh: unknown argument '$1' (see --help)" >&2; exit 2 ;;
  esac
  shift
done
[ -e "$lab/root.img" ] || { echo "compare-in-guest.sh: no guest in $lab: run $here/build-guest.sh as root" >&2; exit 2; }
work=$(mktemp -d); qemu=
cleanup() { [ -z "$qemu" ] || kill "$qemu" 2> /dev/null || true; rm -rf "$work"; }
trap cleanup EXIT

# --- the program and its runtime on a disk of their own

publish=(dotnet publish "$here/../../Scenarios" -c Release -v quiet --nologo -o "$work/disk/weft" -p:ArtifactsPath="$work/build")
# Compiled ahead of time where the feed has the compiler: the guest is slow, and its own compiler with it.
if "${publish[@]}" -r linux-x64 --self-contained false -p:PublishReadyToRun=true > "$work/publish" 2>&1; then compiled='ahead of time, hot methods again'
else rm -rf "$work/disk/weft"; "${publish[@]}" > "$work/publish" 2>&1 || { cat "$work/publish" >&2; exit 1; }; compiled='in the guest'; fi
runtime=$(dotnet --list-runtimes | awk '$1=="Microsoft.NETCore.App" && $2 ~ /^10\./ {v=$2; d=$3} END{gsub(/[][]/, "", d); print d "/" v}')
dotnet=${runtime%/shared/*}
mkdir -p "$work/disk/dotnet/shared/Microsoft.NETCore.App"
cp -a "$runtime" "$work/disk/dotnet/shared/Microsoft.NETCore.App/"; cp -a "$dotnet/host" "$dotnet/dotnet" "$work/disk/dotnet/"
cp "$here/compare/guest.sh" "$work/disk/compare.sh"
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$work/disk" "$work/disk.img" "$(( $(du -sm "$work/disk" | cut -f1) * 12 / 10 + 16 ))M" > /dev/null

# --- the guest

mkfifo "$work/agent.in" "$work/agent.out"
qemu-system-x86_64 -M q35,usb=off "${accel[@]}" -cpu max,-erms -smp "$cpus" -m 1536 -nodefaults -display none -no-reboot \
  -kernel "$lab/vmlinuz" -initrd "$lab/initramfs.gz" -serial "file:$work/console" \
  -append 'console=ttyS0 quiet panic=-1 mitigations=off clearcpuid=rep_good nokaslr tsc=reliable random.trust_cpu=on net.ifnames=0 lab.name=g' \
  -drive "file=$lab/root.img,if=none,id=r,format=raw,readonly=on" -device virtio-blk-pci,drive=r \
  -drive "file=$work/disk.img,if=none,id=p,format=raw,readonly=on" -device virtio-blk-pci,drive=p \
  -device virtio-serial-pci -chardev "pipe,id=c,path=$work/agent" -device virtserialport,chardev=c,name=lab -device virtio-rng-pci < /dev/null 2> "$work/qemu" &
qemu=$!
exec 5<> "$work/agent.in" 6<> "$work/agent.out"
request=0
guest() { # script: runs it in the guest; what the last line says is the figure, the rest a remark
  request=$((request + 1))
  printf '%s 3000 %s\n' "$request" "$(base64 -w0 <<< "$1")" >&5
  local id code text
  while :; do
    if ! IFS=' ' read -r -t 5 id code text <&6; then
      kill -0 "$qemu" 2> /dev/null && continue
      echo "compare-in-guest.sh: the guest is gone" >&2; cat "$work/qemu" "$work/console" >&2; exit 1
    fi
    [ "$id" = "$request" ] && break
  done
  answer=$(base64 -d <<< "$text")
  [ "$code" = 0 ] || { printf 'compare-in-guest.sh: in the guest: %s\nexit code %s\n%s\n' "$1" "$code" "$answer" >&2; exit 1; }
}
begin='set -e; . /prog/compare.sh;'
progress() { if [ -t 2 ]; then printf '\r\033[K%s' "${1:+$1 ...}" >&2; fi; }
progress 'booting'
guest 'mkdir -p /prog; mount -o ro /dev/vdb /prog'
guest "$begin network; uname -r"
printf 'kernel %s, rxe in the first namespace; %s processor(s), clock: %s; our program compiled %s\n' \
  "$answer" "$cpus" "$clock" "$compiled"

remarks=()
measure() { # script: the figure in $answer
  progress "$1"
  guest "$begin $1"
  local figure; figure=$(tail -n 1 <<< "$answer")
  while read -r line; do [ -z "$line" ] || remarks+=("$row: $line"); done < <(head -n -1 <<< "$answer")
  answer=$figure
}
ratio() { awk -v kernel="$1" -v ours="$2" -v cost="$3" 'BEGIN{printf "%.2f", cost ? kernel / ours : ours / kernel}'; }

perf() { # test options...: three ways
  local kernel served both cost=0 unit=MiB/s
  row="$*"
  [[ $1 = *_lat ]] && { cost=1; unit=us; }
  measure "perf_kernel $*"; kernel=$answer
  measure "perf_served $*"; served=$answer
  measure "perf_ours $*"; both=$answer
  progress ''
  printf '%-34s %-6s %10s %10s %6s %10s %6s\n' "$row" $unit "$kernel" "$served" "$(ratio "$kernel" "$served" $cost)" "$both" "$(ratio "$kernel" "$both" $cost)"
}

if [[ " ${what[*]} " = *' perf '* ]]; then
  printf '\nperftest; ratios above 1 are in our favour\n%-34s %-6s %10s %10s %6s %10s %6s\n' '' '' 'rxe, rxe' 'rxe, ours' ratio 'ours, ours' ratio
  perf send_bw -s 65536 -n 5000 -e
  perf read_bw -s 65536 -n 5000 -e
  perf write_bw -s 65536 -D 4
  perf send_lat -s 64 -n 20000 -e
  perf read_lat -s 64 -n 20000 -e
fi
if [[ " ${what[*]} " = *' disk '* ]]; then
  printf '\nfio through ib_iser; ratios above 1 are in our favour\n%-34s %-6s %10s %10s %6s\n' '' '' LIO ours ratio
  jobs=('4k randread 32' '4k randwrite 32' '128k read 8' '128k write 8')
  declare -A lio
  row=login
  measure 'lio; login $KERNEL_IQN 10.1.0.2; echo 0'
  for job in "${jobs[@]}"; do
    read -r block rw depth <<< "$job"; row=$job
    measure "disk LIO $rw $block $depth 4"; lio[$job]=$answer
  done
  measure 'logout $KERNEL_IQN; ours; login $OUR_IQN 10.2.0.2; echo 0'
  for job in "${jobs[@]}"; do
    read -r block rw depth <<< "$job"; row=$job
    measure "disk ours $rw $block $depth 4"
    progress ''
    printf '%-34s %-6s %10.0f %10.0f %6s\n' "$block $rw, $depth deep" IOPS "${lio[$job]}" "$answer" "$(ratio "${lio[$job]}" "$answer" 0)"
  done
fi
printf '\nwhere the processor was\n'
printf '  %s\n' "${remarks[@]}"
