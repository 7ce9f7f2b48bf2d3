#!/bin/bash
# Runs the tests of gpt/kern at a level that this machine may not have, on the processor that
# Bochs emulates: a Linux kernel whose only program is the test binary, its output by the
# serial line. Debian packages: bochs bochs-term isolinux xorriso, and a kernel: that of
# linux-image-cloud-amd64 is fetched where KERNEL names none.
# Bochs 2.7 gives wrong sizes of the states of PKU and of XSAVEC, and the kernel's patching of
# itself leads it astray: the kernel is told to do without these. Go's newer collector scans
# with AVX-512 instructions that it computes wrongly: the older one is built in. It emulates some 10 to 20 million instructions a second: expect minutes.
#   run.sh [LEVEL [ARGUMENTS OF THE TEST BINARY]]
set -euo pipefail
cd "$(dirname "$0")"
level=${1:-avx512}; shift || true
args=("$@"); [ ${#args[@]} -gt 0 ] || args=(-test.v -test.short)
work=${WORK:-$(mktemp -d)}
minutes=${MINUTES:-60}

if [ -z "${KERNEL:-}" ]; then
	package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ {print $2; exit}')
	(cd "$work" && apt-get download -q "$package" && dpkg -x linux-image*.deb kernel)
	KERNEL=$(ls "$work"/kernel/boot/vmlinuz-*)
fi
GOEXPERIMENT=nogreenteagc CGO_ENABLED=0 GOARCH=amd64 go test -C ../.. -c -ldflags "-s -w" -o "$work/init" .
mkdir -p "$work/cd"
go run -C .. ./bochs "$work/init" "$work/cd/initrd"
cp "$KERNEL" "$work/cd/vmlinuz"
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$work/cd"
# A word that the kernel does not know would come before the arguments, and end the flags.
cat > "$work/cd/isolinux.cfg" <<END
default test
label test
kernel vmlinuz
append initrd=initrd console=ttyS0 mitigations=off lpj=1000000 tsc=reliable clearcpuid=pku,xsaves,xsavec,erms,fsrm,smap,smep,umip,invpcid,pcid noreplace-smp DAIBAN_KERN=$level -- ${args[@]}
END
xorriso -as mkisofs -quiet -b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table -o "$work/cd.iso" "$work/cd"
cat > "$work/bochsrc" <<END
megs: 512
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
cpu: model=${MODEL:-corei7_icelake_u}, count=1, ips=50000000, reset_on_triple_fault=0
ata0-master: type=cdrom, path=$work/cd.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$work/serial
display_library: term
speaker: enabled=0
plugin_ctrl: speaker=0
log: $work/log
panic: action=fatal
error: action=report
END
echo c > "$work/go" # for a Bochs that has its debugger built in
: > "$work/serial"
TERM=linux script -qefc "stty rows 50 cols 132; exec bochs -q -f $work/bochsrc -rc $work/go" /dev/null < /dev/null > "$work/screen" 2>&1 &
emulator=$!
trap 'pkill -P $emulator 2>/dev/null; kill $emulator 2>/dev/null || true' EXIT
for _ in $(seq $((minutes * 30))); do
	sleep 2
	grep -q -E '^(PASS|FAIL|panic:)|Kernel panic' "$work/serial" && break
	kill -0 $emulator 2>/dev/null || break
done
tr -d '\r' < "$work/serial"
grep -q '^PASS' "$work/serial"
