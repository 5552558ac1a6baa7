#!/bin/bash
# Builds the guest that the live tests boot: kernel, initramfs and a read-only ext4 root, all from Debian packages
# fetched by the host's own apt. Nothing is installed on the host. Needs root, apt, dpkg-deb and e2fsprogs.
#
#   ./build-guest.sh            build what is missing into $WEFT_LAB (default /var/tmp/weft-lab)
#   ./build-guest.sh --fresh    start again from nothing
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${WEFT_LAB:-/var/tmp/weft-lab}
case "${1:-}" in
  --help|-h) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
  --fresh) rm -rf "$out" ;;
  '') ;;
  *) echo "build-guest.sh: unknown argument '$1' (see --help)" >&2; exit 2 ;;
esac
# The kernel that the distribution's meta package names now.
kver=${WEFT_LAB_KERNEL:-$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: linux-image-\([0-9].*-amd64\)$/\1/p' | head -1)}
[ -n "$kver" ] || { echo "build-guest.sh: apt knows no linux-image-amd64; run apt-get update first" >&2; exit 1; }
here_sum=$(cat "$here"/guest/* "$0" | sha256sum | cut -d' ' -f1)-$kver
if [ "$(cat "$out/.built" 2>/dev/null)" = "$here_sum" ]; then echo "guest is up to date in $out (kernel $kver)"; exit 0; fi
mkdir -p "$out"/{debs/partial,kdeb,empty}
: > "$out/empty/status"

pkgs=(
  bash coreutils diffutils busybox-static libc-bin dash sed grep gawk findutils tar gzip util-linux mount procps
  kmod udev iproute2 iputils-ping ethtool netcat-openbsd e2fsprogs dmsetup strace tcpdump hostname
  rdma-core ibverbs-utils ibverbs-providers rdmacm-utils perftest infiniband-diags
  open-iscsi srptools tgt libiscsi-bin targetcli-fb python3-rtslib-fb
  sg3-utils fio lsscsi iputils-arping libicu72 ca-certificates zlib1g
)

echo "== packages"
want=$(printf '%s ' "${pkgs[@]}")
if [ "$(cat "$out/debs/.done" 2>/dev/null)" != "$want" ]; then
  apt-get -y -q -o Dir::State::status="$out/empty/status" -o Dir::Cache::archives="$out/debs" \
    -o APT::Install-Recommends=false -o Debug::NoLocking=1 -o APT::Sandbox::User=root \
    --download-only install "${pkgs[@]}" > "$out/apt.log" 2>&1 || { tail -20 "$out/apt.log"; exit 1; }
  printf '%s' "$want" > "$out/debs/.done"
fi
if [ ! -e "$out/kdeb/boot/vmlinuz-$kver" ]; then
  ( cd "$out/kdeb" && apt-get -q -o APT::Sandbox::User=root download "linux-image-$kver" >> "$out/apt.log" 2>&1 &&
    dpkg-deb -x linux-image-"$kver"_*.deb . && rm -f ./*.deb )
fi

echo "== root tree"
root=$out/root
rm -rf "$root"; mkdir -p "$root"
mkdir -p "$root"/usr/{bin,sbin,lib,lib64,lib32,libx32}
for d in bin sbin lib lib64 lib32 libx32; do ln -s "usr/$d" "$root/$d"; done
for d in "$out"/debs/*.deb; do
  dpkg-deb --fsys-tarfile "$d" | tar -C "$root" -x --keep-directory-symlink
done
# what maintainer scripts would have done, as far as this guest needs it
mkdir -p "$root"/{proc,sys,dev,run,tmp,mnt,mnt2,share,lab,root,etc/iscsi,var/lib,var/run,config}
ln -sf gawk "$root/usr/bin/awk"
ln -sf nc.openbsd "$root/usr/bin/nc"
py=$(cd "$root/usr/bin" && ls -d python3.[0-9]* | head -1); ln -sf "$py" "$root/usr/bin/python3"
cat > "$root/etc/passwd" <<P
root:x:0:0:root:/root:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
tcpdump:x:101:101::/nonexistent:/usr/sbin/nologin
P
printf 'root:x:0:\nnogroup:x:65534:\nrdma:x:102:\ntcpdump:x:101:\ntty:x:5:\ndisk:x:6:\nkvm:x:103:\ninput:x:104:\nsgx:x:105:\nrender:x:106:\nvideo:x:44:\ndialout:x:20:\nkmem:x:15:\ncdrom:x:24:\ntape:x:26:\naudio:x:29:\nlp:x:7:\nplugdev:x:46:\n' > "$root/etc/group"
printf '127.0.0.1 localhost\n10.9.0.1 host\n10.9.0.11 a\n10.9.0.12 b\n' > "$root/etc/hosts"
echo "InitiatorName=iqn.2024-01.lab:initiator" > "$root/etc/iscsi/initiatorname.iscsi"
: > "$root/etc/resolv.conf"
rm -rf "$root"/usr/share/{doc,man,locale,perl,perl5} "$root"/usr/lib/x86_64-linux-gnu/perl* 2>/dev/null || true
mkdir -p "$root/lib/modules/$kver"
cp -a "$out/kdeb/lib/modules/$kver/." "$root/lib/modules/$kver/"
( cd "$root/lib/modules/$kver/kernel/drivers" && rm -rf gpu media net/wireless usb iio staging hwmon leds sound input/touchscreen )
rm -rf "$root/lib/modules/$kver/kernel/sound"
chroot "$root" /sbin/depmod "$kver"
chroot "$root" /sbin/ldconfig
install -m755 "$here/guest/init" "$root/lab/init"
install -m755 "$here/guest/agent" "$root/lab/agent"
install -m644 "$here/guest/lib.sh" "$root/lab/lib.sh"

echo "== image"
sz=$(( $(du -sm "$root" | cut -f1) * 12 / 10 + 64 ))
rm -f "$out/root.new"; mkfs.ext4 -q -F -O ^has_journal -m 0 -d "$root" "$out/root.new" "${sz}M"; mv "$out/root.new" "$out/root.img"

echo "== initramfs"
ir=$out/ir; rm -rf "$ir"; mkdir -p "$ir"/{bin,mod,dev,proc,sys,ro,rw,new}
cp "$root/bin/busybox" "$ir/bin/busybox"
: > "$ir/mod/order"
for m in virtio_pci virtio_blk ext4 overlay virtio_console 9pnet_virtio 9p virtio_net; do
  chroot "$root" /sbin/modprobe -S "$kver" --show-depends "$m" | awk '/^insmod/{print $2}'
done | awk '!s[$0]++' | while read -r f; do
  cp "$root$f" "$ir/mod/"; basename "$f" >> "$ir/mod/order"
done
install -m755 "$here/guest/ramfs-init" "$ir/init"
( cd "$ir" && find . | "$root/bin/busybox" cpio -o -H newc 2>/dev/null | gzip -1 ) > "$out/initramfs.new"; mv "$out/initramfs.new" "$out/initramfs.gz"
cp "$out/kdeb/boot/vmlinuz-$kver" "$out/vmlinuz.new"; mv "$out/vmlinuz.new" "$out/vmlinuz"
echo "$kver" > "$out/kver"
for d in "$out"/debs/*.deb; do dpkg-deb -f "$d" Package Version | paste -sd' '; done | sed 's/Package: //; s/Version: //' > "$out/versions"
ls -l "$out/vmlinuz" "$out/initramfs.gz" "$out/root.img"
printf '%s' "$here_sum" > "$out/.built"
