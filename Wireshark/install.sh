#!/bin/sh
# Installs the Weft profile and dissectors for Wireshark and tshark of the current user, or takes them away again.
set -eu

usage() {
    cat <<'TEXT'
Usage: Wireshark/install.sh [--uninstall] [--help]

Installs into the user's Wireshark directories
  the profile      <configuration>/profiles/weft
  the dissectors   <configuration>/weft
  a loader         <Lua plug-ins>/weft.lua, which only names the dissectors
and prints what it wrote. Running it again replaces what is there. --uninstall removes exactly these.

The directories are those that 'tshark -G folders' names. Without tshark:
  <configuration>  $WIRESHARK_CONFIG_DIR, else $XDG_CONFIG_HOME/wireshark, else ~/.config/wireshark
  <Lua plug-ins>   $WIRESHARK_PLUGIN_DIR, else ~/.local/lib/wireshark/plugins
TEXT
}

action=install
for argument in "$@"; do
    case $argument in
        --uninstall) action=uninstall ;;
        --help | -h) usage; exit 0 ;;
        *) usage >&2; echo "install.sh: unknown argument: $argument" >&2; exit 2 ;;
    esac
done

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)

folder() { # the directory that tshark calls $1; nothing when tshark is absent or does not know it
    tshark -G folders 2>/dev/null | sed -n "s/^$1:[[:space:]]*//p" | head -n 1
}

configuration=$(folder 'Personal configuration')
[ -n "$configuration" ] || configuration=${WIRESHARK_CONFIG_DIR:-${XDG_CONFIG_HOME:-$HOME/.config}/wireshark}
plugins=$(folder 'Personal Lua Plugins')
[ -n "$plugins" ] || plugins=${WIRESHARK_PLUGIN_DIR:-$HOME/.local/lib/wireshark/plugins}

profile=$configuration/profiles/weft
dissectors=$configuration/weft
loader=$plugins/weft.lua

# Wireshark runs every Lua file below its plug-in directory by itself; the modules must not be among them.
rm -rf -- "$profile" "$dissectors" "$loader"
if [ "$action" = uninstall ]; then
    echo "removed $profile"
    echo "removed $dissectors"
    echo "removed $loader"
    exit 0
fi

mkdir -p -- "$profile" "$dissectors/weft" "$plugins"
cp -- "$here"/profile/* "$profile"/
cp -- "$here"/dissectors/weft.lua "$dissectors"/
cp -- "$here"/dissectors/weft/*.lua "$dissectors"/weft/
# A Lua long string takes any path as it is.
printf -- '-- Written by install.sh: loads the Weft dissectors.\ndofile([==[%s/weft.lua]==])\n' "$dissectors" > "$loader"

echo "profile     $profile"
echo "dissectors  $dissectors"
echo "loader      $loader"
if command -v tshark > /dev/null 2>&1; then
    if tshark -G protocols 2>/dev/null | grep -q 'RDMA connection (Weft)'; then
        echo "tshark loads the dissectors. Try: tshark -C weft -r FILE"
    else
        echo "install.sh: tshark does not load the dissectors; is Lua switched off (Help > About > Plugins)?" >&2
        exit 1
    fi
else
    echo "tshark was not found; in Wireshark choose the profile 'weft' in the lower right corner."
fi
