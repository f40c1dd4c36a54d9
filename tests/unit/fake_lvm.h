/* fake_lvm.h - a host with tests/lib/fake_lvm.sh in place of LVM; its files are below the temporary
 * directory of node_help.h. */
#ifndef TESTS_FAKE_LVM_H
#define TESTS_FAKE_LVM_H

#include "tests/unit/node_help.h"

#define MIB (1024 * 1024)

__attribute__((unused)) static int fake_lvm_setup(void **state)
{
    static const char *const names[] = {"lvs", "lvcreate", "lvremove", "lvchange"};
    char all[PATH_MAX];

    if (node_setup(state) < 0)
        return -1;
    mkdir(path("lvm"), 0700);
    mkdir(path("bin"), 0700);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (!shell("ln -s \"$(realpath tests/lib/fake_lvm.sh)\" %s/bin/%s", base, names[i]))
            return -1;
    snprintf(all, sizeof all, "%s/bin:/usr/sbin:/usr/bin:/sbin:/bin", base);
    return setenv("PATH", all, 1);
}

__attribute__((unused)) static int fake_lvm_teardown(void **state)
{
    shell("losetup -nO NAME,BACK-FILE | awk -v b=%s/ 'index($2, b) { print $1 }' | "
          "xargs -r losetup -d",
          base);
    return node_teardown(state);
}

__attribute__((unused)) static void fake_vg(const char *vg, unsigned free_extents)
{
    char text[16];

    snprintf(text, sizeof text, "%u\n", free_extents);
    mkdir(path("lvm/%s", vg), 0700);
    put(path("lvm/%s/free", vg), text, 0600);
}

/* A volume with a device, the path of which is returned; NULL: no loop device to be had. */
__attribute__((unused)) static const char *fake_lv(const char *vg, const char *lv, unsigned mib,
                                                   const char *attr, const char *pool)
{
    static char device[8][64];
    static unsigned next;
    char *d = device[next++ % 8];

    if (!shell("truncate -s %uM %s/%s.%s.img && losetup -f --show %s/%s.%s.img >%s/device", mib,
               base, vg, lv, base, vg, lv, base))
        return NULL;
    snprintf(d, sizeof device[0], "%.63s", get(path("device")));
    d[strcspn(d, "\n")] = '\0';
    assert_true(shell("echo '%lld|%s||%s||||%s' >%s/lvm/%s/%s", (long long)mib * MIB, attr, pool, d,
                      base, vg, lv));
    return d;
}

/* A volume that has no device of its own: a line of its file. */
__attribute__((unused)) static void fake_lv_line(const char *vg, const char *lv, const char *line)
{
    put(path("lvm/%s/%s", vg, lv), line, 0600);
}

/* How many commands that begin so were run. */
__attribute__((unused)) static int ran(const char *begin)
{
    FILE *f = fopen(path("lvm.log"), "r");
    char line[1024];
    int n = 0;

    while (f && fgets(line, sizeof line, f))
        n += strncmp(line, begin, strlen(begin)) == 0;
    if (f)
        fclose(f);
    return n;
}

/* Loop devices are needed for volumes. */
#define NEED_LV(device)                                                                            \
    do {                                                                                           \
        if (!(device)) {                                                                           \
            print_message("skipped: no loop device to be had\n");                                  \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

#endif
