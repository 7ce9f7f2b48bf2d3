#!/usr/bin/env bash
# What the tests use beside Go: a browser, database servers, text recognition, fonts, LibreOffice. Each is
# installed where that may be done (apt-get, root, and a machine that is there for tests: CI is set, or a
# container, or DAIBAN_TEST_DEPS=1; never with DAIBAN_TEST_DEPS=0); else it is said what is skipped, and why.
# It never fails the tests, waits for nobody, and leaves no service running.
#
#	DAIBAN_TEST_DEPS          1 installs, 0 only says what is missing
#	DAIBAN_TEST_DEPS_SECONDS  how long fetching may take (600), and then installing
set -u
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
seconds=${DAIBAN_TEST_DEPS_SECONDS:-600}

have() { type -P "$1" >/dev/null; } # a program, not a function of this file
there() { compgen -G "$1" >/dev/null; }

chromium() { have "${DAIBAN_CHROME:-chromium}" || have chromium-browser || have google-chrome || have google-chrome-stable; }
postgresql() { have initdb || there '/usr/lib/postgresql/*/bin/initdb'; }
mariadb() { { have mariadbd || [ -x /usr/sbin/mariadbd ]; } && have mariadb-install-db; }
tesseract() { have tesseract && command tesseract --list-langs 2>/dev/null | grep -qx chi_sim; }
fonts() { have fc-list && fc-list :lang=zh 2>/dev/null | grep -q .; }
libreoffice() { have soffice || have libreoffice; }

# name, its packages on Debian, and what is skipped without it
things=(
	"chromium|chromium|the tests of web pages in a real browser"
	"postgresql|postgresql|the sql tests on PostgreSQL"
	"mariadb|mariadb-server|the sql tests on MySQL (MariaDB)"
	"tesseract|tesseract-ocr tesseract-ocr-eng tesseract-ocr-chi-sim|the tests that read pictures"
	"fonts|fonts-noto-cjk fontconfig|the tests that look at Chinese text in pictures"
	"libreoffice|libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui|the tests of conversion to PDF"
)

missing=()
for t in "${things[@]}"; do
	"${t%%|*}" || missing+=("$t")
done
[ ${#missing[@]} -eq 0 ] && exit 0

# skipped says what the tests go without.
skipped() {
	echo "tests: $1:"
	local t name packages what
	for t in "${missing[@]}"; do
		IFS='|' read -r name packages what <<<"$t"
		echo "  skipped: $what (no $name; Debian: apt-get install $packages)"
	done
	exit 0
}

for_tests() {
	[ "${DAIBAN_TEST_DEPS:-}" = 1 ] || [ -n "${CI:-}" ] || [ -e /.dockerenv ] || [ -e /run/.containerenv ]
}

[ "${DAIBAN_TEST_DEPS:-}" = 0 ] && skipped "nothing is installed (DAIBAN_TEST_DEPS=0)"
have apt-get || skipped "nothing is installed: there is no apt-get"
[ "$(id -u)" = 0 ] || skipped "nothing is installed: that takes root"
for_tests || skipped "nothing is installed: DAIBAN_TEST_DEPS=1 make test would"

# Services that packages bring are not started: invoke-rc.d asks this file. One that is there stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap 'rm -f $policy' EXIT
	trap 'exit 0' INT TERM
	printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy || skipped "nothing is installed: $policy cannot be written"
fi

apt() {
	timeout -k 10 "$1" apt-get -q -y -o DPkg::Lock::Timeout=60 -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 \
		-o Dpkg::Options::=--force-confold --no-install-recommends "${@:2}" </dev/null
}

names=
for t in "${missing[@]}"; do names+=" ${t%%|*}"; done
echo "tests: installing what they use:$names"
log=$(mktemp)
begun=$SECONDS
left() { echo $((begun + seconds - SECONDS > 10 ? begun + seconds - SECONDS : 10)); }
apt "$(left)" update >"$log" 2>&1 || echo "tests: apt-get update: $(grep -m1 '^[EW]:' "$log" || echo 'no answer in time')"

still=()
for t in "${missing[@]}"; do
	IFS='|' read -r name packages what <<<"$t"
	if [ "$name" = chromium ] && ! grep -qx 'ID=debian' /etc/os-release; then # elsewhere the package is a snap, which needs a running system
		still+=("$t")
		continue
	fi
	# fetched first, within the time; what is then unpacked is not stopped half-way
	# shellcheck disable=SC2086
	if apt "$(left)" install --download-only $packages >"$log" 2>&1 && apt 900 install --no-download $packages >"$log" 2>&1 && "$name"; then
		continue
	fi
	echo "tests: $name: $(grep -m1 '^E:' "$log" || echo 'not there in time')"
	still+=("$t")
done
rm -f "$log"
[ ${#still[@]} -eq 0 ] && exit 0
missing=("${still[@]}")
skipped "not everything could be installed"
