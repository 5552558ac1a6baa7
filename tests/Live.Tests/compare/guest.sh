# Sourced in the guest of compare-in-guest.sh. Two kernel soft-RoCE devices face each other over a veth pair (10.1.0.1, 10.1.0.2), and one
# faces our process, which has the other end of a second pair in a namespace of its own (10.2.0.1, 10.2.0.2). Each measurement prints one
# figure, and to standard error what took the processor meanwhile.
. /lab/lib.sh
export DOTNET_TC_CallCountingDelayMs=0 # warm soon: a method that is called thirty times is compiled again at once, not when all is quiet for 100 ms
OURS=(/prog/dotnet/dotnet /prog/weft/weft.dll)
KERNEL_IQN=iqn.2024-01.lab:target OUR_IQN=iqn.2026-11.example.weft:disk
DISK_MIB=64

pair() { # name name: a veth pair, both up
  ip link add "$1" mtu 4200 type veth peer name "$2" mtu 4200; ip link set "$1" up; ip link set "$2" up
}

network() {
  modprobe rdma_rxe; modprobe ib_uverbs; modprobe rdma_ucm; sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv4.conf.all.rp_filter=0
  # rxe of this kernel lives in the first namespace only. So that its packets leave by one end and come in by the other, the local table
  # holds for what comes in, and a table of our own for what goes out.
  pair k0 k1
  ip addr add 10.1.0.1/32 dev k0; ip addr add 10.1.0.2/32 dev k1
  ip rule add pref 10 iif k0 to 10.1.0.1 lookup local; ip rule add pref 10 iif k1 to 10.1.0.2 lookup local
  ip route add 10.1.0.2 dev k0 src 10.1.0.1 table 100; ip route add 10.1.0.1 dev k1 src 10.1.0.2 table 100
  ip rule add pref 20 to 10.1.0.0/24 lookup 100; ip rule add pref 30 lookup local; ip rule del pref 0
  ip neigh replace 10.1.0.2 lladdr "$(cat /sys/class/net/k1/address)" dev k0
  ip neigh replace 10.1.0.1 lladdr "$(cat /sys/class/net/k0/address)" dev k1
  rdma link add rxe0 type rxe netdev k0; rdma link add rxe1 type rxe netdev k1
  ip netns add ours; pair w0 w1; ip link set w1 netns ours; ip netns exec ours ip link set w1 up
  ip addr add 10.2.0.1/24 dev w0; rdma link add rxe2 type rxe netdev w0
  # Our client, for both ends ours.
  ip netns add ours2; pair x0 x1; ip link set x0 netns ours2; ip link set x1 netns ours
  ip netns exec ours2 ip link set x0 up; ip netns exec ours ip link set x1 up
}

# --- where the processor was

times() { awk '/^cpu /{print $2+$3, $4, $5+$6, $7+$8}' /proc/stat; } # user, system, idle, interrupts: in hundredths of a second
account_begin() { times > /tmp/times; }
account_end() { # name
  { cat /tmp/times; times; } | awk -v name="$1" 'NR==1{for(i=1;i<=4;i++)a[i]=$i} NR==2{for(i=1;i<=4;i++){d[i]=$i-a[i];s+=d[i]}
    if(s>0)printf "%s: user %.0f%%, system %.0f%%, packets in interrupts %.0f%%, idle %.0f%%\n",name,100*d[1]/s,100*d[2]/s,100*d[4]/s,100*d[3]/s}' >&2
}

# --- perftest and ours: NAME ITERATIONS OPTIONS...; the figure is MiB/s or, of a latency test, the typical microseconds

wait_for() { # pid command...: until it holds, unless the process ends
  local pid=$1; shift
  until "$@"; do kill -0 "$pid" 2> /dev/null || { cat /tmp/server >&2; return 1; }; sleep 0.1; done
}
listens() { rdma resource show cm_id | grep -q "LISTEN"; }
says() { grep -q "$1" /tmp/server; }
figure() { # test: from perftest's table, which ours has too
  awk -v lat="$([[ $1 = *_lat ]] && echo 1 || echo 0)" '/#bytes/{at=1;next} at&&NF>4{print lat?$5:$4;at=0;n++} END{exit n!=1}' /tmp/client || { cat /tmp/client /tmp/server >&2; return 1; }
}
perf_run() { # test server-command -- client-command
  local test=$1 server=() pid; shift
  while [ "$1" != -- ]; do server+=("$1"); shift; done; shift
  "${server[@]}" > /tmp/server 2>&1 & pid=$!
  if [[ ${server[*]} = *weft.dll* ]]; then wait_for $pid says 'listening on'; else wait_for $pid listens; fi || return 1
  account_begin
  "$@" > /tmp/client 2>&1 || { cat /tmp/client /tmp/server >&2; return 1; }
  account_end "$NOTE"
  wait $pid || { cat /tmp/server >&2; return 1; }
  figure "$test"
}
# Of a run by time ours counts the middle half, and so does perftest of one of four seconds with a margin (-f) of one.
perf_kernel() { NOTE=kernel; local t=$1; shift; perf_run "$t" "ib_$t" -R -F -f 1 -d rxe1 "$@" -- "ib_$t" -R -F -f 1 -d rxe0 10.1.0.2 "$@"; }
perf_served() { NOTE='ours to the kernel'; local t=$1; shift; perf_run "$t" ip netns exec ours "${OURS[@]}" perf "$t" -R "$@" --link eth:w1 --address 10.2.0.2/24 -- "ib_$t" -R -F -f 1 -d rxe2 10.2.0.2 "$@"; }
perf_ours() { NOTE='ours to ours'; local t=$1; shift; perf_run "$t" ip netns exec ours "${OURS[@]}" perf "$t" -R "$@" --link eth:x1 --address 10.3.0.2/24 -- ip netns exec ours2 "${OURS[@]}" perf "$t" 10.3.0.2 -R "$@" --link eth:x0 --address 10.3.0.3/24; }

# --- fio through ib_iser

lio() { # a RAM disk
  local t=$CFG/iscsi/$KERNEL_IQN/tpgt_1
  LAB_ip=10.1.0.2 IQN=$KERNEL_IQN lio_iscsi "$(lio_ram d $DISK_MIB)"
  [ -e "$t/np/10.1.0.2:3260/iser" ]
}
ours() {
  ip netns exec ours setsid "${OURS[@]}" serve --link eth:w1 --address 10.2.0.2/24 --lun ram:${DISK_MIB}M > /tmp/server 2>&1 < /dev/null &
  echo $! > /tmp/ours.pid
  wait_for $! says 10.2.0.2
}
login() { # iqn address
  set +e; ini_up; set -e
  iscsiadm -m node -o new -T "$1" -p "$2:3260,1" -I iser > /dev/null
  iscsiadm -m node -T "$1" -l > /dev/null; settle
  ini_disk > /tmp/disk
  dd if=/dev/zero of="$(cat /tmp/disk)" bs=1M count=$DISK_MIB oflag=direct status=none # no first touch of memory while we measure
}
logout() { iscsiadm -m node -T "$1" -u > /dev/null; }
disk() { # name rw block depth seconds: the figure is operations a second
  NOTE=$1
  fio --name=j --filename="$(cat /tmp/disk)" --direct=1 --ioengine=libaio --rw="$2" --bs="$3" --iodepth="$4" --time_based --ramp_time="$5" --runtime="$5" \
    --minimal --terse-version=3 > /tmp/fio 2> /tmp/fio.err & local pid=$!
  account_begin
  wait $pid || { cat /tmp/fio /tmp/fio.err >&2; return 1; }
  account_end "$NOTE"
  awk -F';' '{print $8+$49; n++} END{exit n!=1||$5!=0}' /tmp/fio || { cat /tmp/fio >&2; return 1; }
}
