#!/bin/sh
# Installs the system libraries that Qt's windows and its cameras (QtMultimedia) need on Linux, where they are
# missing.
# Does nothing on other systems or when all are there, and never ends with an error: without
# the right to install it says what to install.
set -u

[ "$(uname -s)" = Linux ] || exit 0

PATH="$PATH:/usr/sbin:/sbin"
command -v ldconfig >/dev/null 2>&1 || exit 0

# Library, and the Debian or Ubuntu package that holds it.
needed="
libEGL.so.1 libegl1
libGL.so.1 libgl1
libOpenGL.so.0 libopengl0
libglib-2.0.so.0 libglib2.0-0
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libfreetype.so.6 libfreetype6
libX11-xcb.so.1 libx11-xcb1
libxkbcommon.so.0 libxkbcommon0
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxcb-cursor.so.0 libxcb-cursor0
libxcb-glx.so.0 libxcb-glx0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-image.so.0 libxcb-image0
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-randr.so.0 libxcb-randr0
libxcb-render.so.0 libxcb-render0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-shape.so.0 libxcb-shape0
libxcb-shm.so.0 libxcb-shm0
libxcb-sync.so.1 libxcb-sync1
libxcb-xfixes.so.0 libxcb-xfixes0
libxcb-xinerama.so.0 libxcb-xinerama0
libxcb-xkb.so.1 libxcb-xkb1
libpulse.so.0 libpulse0
libX11.so.6 libx11-6
libXext.so.6 libxext6
libXrandr.so.2 libxrandr2
libdrm.so.2 libdrm2
"

missing_packages() {
    present=$(ldconfig -p)
    echo "$needed" | while read -r library package; do
        [ -n "$library" ] || continue
        case "$present" in
        *"$library "*) ;;
        *) printf '%s ' "$package" ;;
        esac
    done
    # Without any font Qt draws boxes and warns at every start.
    for folder in /usr/share/fonts /usr/local/share/fonts; do
        [ -d "$folder" ] || continue
        [ -z "$(find "$folder" \( -name '*.ttf' -o -name '*.otf' \) -print 2>/dev/null | head -n 1)" ] || return
    done
    printf '%s ' fonts-dejavu-core
}

missing=$(missing_packages)
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Qt needs libraries that are not installed; Debian calls them: $missing(use your system's names)." >&2
    exit 0
fi

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "Qt needs libraries that are not installed; run: sudo apt-get install $missing" >&2
    exit 0
fi

echo "Installing the system libraries that Qt needs: $missing" >&2
# $as_root and $missing are lists of words on purpose.
# shellcheck disable=SC2086
$as_root apt-get update -q >/dev/null </dev/null
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $missing >/dev/null </dev/null ||
    echo "That did not work; install them and start again: sudo apt-get install $missing" >&2
exit 0
