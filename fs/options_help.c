/* options_help.c - what --help prints. */
#include "fs/options.h"

void options_help(FILE *out)
{
    fputs(
        "Usage: gnt-exportfs [-f] [-d] [-o OPTIONS] CLUSTER MOUNTPOINT\n"
        "Shows a cluster's instance exports as files; reading an image exports the instance.\n"
        "\n"
        "  -f, --foreground   stay in the foreground; one line on stdout when mounted\n"
        "  -d, --debug        the same, and trace every request on stderr\n"
        "  -h, --help         this text\n"
        "  -V, --version      the version\n"
        "\n"
        "  -o uid=N,gid=N     owner of all files (default: the caller)\n"
        "  -o umask=OCTAL     permissions taken away (default 077)\n"
        "  -o allow_other     let other users in, as far as permissions go\n"
        "  -o ro              no touch, no editing of params\n"
        "  -o shutdown        exports shut a running instance down by default\n"
        "  -o allow_remove_instance  honour remove_instance in params, on touch\n"
        "  -o manage          rm and rm -r remove exports from their nodes\n"
        "  -o max_jobs=N      exports at once (default 2)\n"
        "  -o max_age=SECONDS how long an export counts as fresh (default 3600)\n"
        "  -o retry_after=SECONDS\n"
        "                     how long readers get a failed run's error (default 600)\n"
        "  -o linger=SECONDS  how long after its last read an export stays fresh, and a run waits\n"
        "                     for the reader of the next file (default 900)\n"
        "  -o hold=SECONDS    how long reading keeps an export fresh at most (default a day)\n"
        "  -o keep=SECONDS    exports made for readers are removed so long after the last one\n"
        "                     (default: never)\n"
        "  -o lock_timeout=SECONDS   how long an export waits for locks (default 1800)\n"
        "  -o stall=SECONDS   how long a read waits without progress (default 300)\n"
        "  -o target_node=NODE       where exports go unless params say otherwise\n"
        "  -o fsname=NAME     first column of df (default: CLUSTER)\n"
        "  and the usual mount options: ro rw noexec noatime nofail _netdev x-* ...\n"
        "\n"
        "Exit codes: 0 mounted; 1 another failure; 2 usage; 3 CLUSTER is not a cluster or\n"
        "cannot be read; 4 MOUNTPOINT is missing, not a directory or mounted on already;\n"
        "5 the mount was refused; 6 the cluster's state cannot be used.\n",
        out);
}
