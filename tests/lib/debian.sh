# shellcheck shell=bash
# Small Debian systems, for tests that need another kernel or another release.

# small_debian SUITE TARGET PACKAGES [ARGUMENT OF MMDEBSTRAP]...: a directory, or a .tar
small_debian()
{
    local suite=$1 target=$2 packages=$3
    shift 3
    mmdebstrap --quiet --variant=minbase --mode=root --include="$packages" \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt=force-unsafe-io "$suite" "$target" "$@" </dev/null
}

host_release() { (. /etc/os-release && echo "$VERSION_CODENAME"); }

# host_sources SUITE: lines of a sources.list, with which SUITE comes from where this machine's release,
# its updates and its security fixes come from; none if that is not known.
host_sources()
{
    # shellcheck disable=SC2016  # for apt-get
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
        sed -nE "s,^Debian ([^ ]+) $(host_release)(|-updates|-security)\$,deb \1 $1\2 main,p" | sort -u
}
