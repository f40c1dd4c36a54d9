/* gput_help.h - uploads to nodes in temporary directories that are reached over SFTP.  The server
 * can be made to die at its n-th request that changes something, before or after that is done, or
 * to kill who asks. */
#ifndef TESTS_GANETI_GPUT_HELP_H
#define TESTS_GANETI_GPUT_HELP_H

#include "export/ganeti/gnode_conn.h"
#include "export/ganeti/gput.h"
#include "export/ganeti/gput_note.h"

#include "tests/unit/ganeti/gnode_help.h"

#include <time.h>

#define UNUSED __attribute__((unused))
#define BYTES0 300001 /* of which the last 100000 are a hole */
#define BYTES1 70000
#define NEW_T  (T + 500)

static char export_dir2[PATH_MAX / 2];
UNUSED static struct model_node two[2]; /* the model's: node1 is `node` */
UNUSED static struct model model;
UNUSED static struct catalog_scanner *scanner;
UNUSED static struct cancel cancel;

/* BASE/die: "N MODE", honoured by the next server to start; it leaves BASE/died. */
static const char proxy[] =
    "import os, signal, struct, subprocess, sys, threading\n"
    "base = sys.argv[1]\n"
    "n, mode = 0, ''\n"
    "try:\n"
    "    n, mode = open(base + '/die').read().split()\n"
    "    os.unlink(base + '/die')\n"
    "except OSError: pass\n"
    "n = int(n)\n"
    "server = subprocess.Popen(['/usr/lib/openssh/sftp-server'], bufsize=0,\n"
    "                          stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
    "def read(f, size):\n"
    "    b = b''\n"
    "    while len(b) < size:\n"
    "        more = f.read(size - len(b))\n"
    "        if not more: raise EOFError\n"
    "        b += more\n"
    "    return b\n"
    "def packet(f):\n"
    "    head = read(f, 4)\n"
    "    return head + read(f, struct.unpack('>I', head)[0])\n"
    "def say(fd, b):\n"
    "    while b: b = b[os.write(fd, b):]\n"
    "def die():\n"
    "    open(base + '/died', 'w').close()\n"
    "    if mode == 'kill': os.kill(os.getppid(), signal.SIGKILL)\n"
    "    server.kill(); server.wait()\n"
    "    os._exit(1)\n"
    "changes = (6, 10, 13, 14, 15, 18) # WRITE, FSETSTAT, REMOVE, MKDIR, RMDIR, RENAME\n"
    "last = []\n"
    "def back():\n"
    "    try:\n"
    "        while True:\n"
    "            p = packet(server.stdout)\n"
    "            if last and p[5:9] == last[0]: die()\n"
    "            say(1, p)\n"
    "    except EOFError: os._exit(0)\n"
    "threading.Thread(target=back, daemon=True).start()\n"
    "stdin = os.fdopen(0, 'rb', 0)\n"
    "try:\n"
    "    while True:\n"
    "        p = packet(stdin)\n"
    "        n -= p[4] in changes\n"
    "        if p[4] in changes and n == 0:\n"
    "            if mode != 'after': die()\n"
    "            last.append(p[5:9])\n"
    "        say(server.stdin.fileno(), p)\n"
    "except EOFError: server.kill(); os._exit(0)\n";

/* --- the image --- */

struct image_of_two {
    struct written w; /* first */
    const char *word;
    int fail;                /* fill() fails with that, after the first dump */
    void (*meanwhile)(void); /* called by fill() */
};

static inline char byte_of(const struct image_of_two *im, unsigned disk, uint64_t off)
{
    return disk == 0 && off >= BYTES0 - 100000 ? '\0' : (char)('a' + im->word[0] + off % 23 + disk);
}

static int fill_dump(struct image_of_two *im, unsigned i, int fd, XXH128_canonical_t *digest)
{
    uint64_t n = im->w.dumps[i].bytes;
    CLEANUP_FREE char *text = malloc(n);

    assert_non_null(text);
    for (uint64_t k = 0; k < n; k++)
        text[k] = byte_of(im, i, k);
    assert_int_equal(ftruncate(fd, (off_t)n), 0);
    assert_int_equal(pwrite(fd, text, i == 0 ? n - 100000 : n, 0),
                     (ssize_t)(i == 0 ? n - 100000 : n));
    XXH128_canonicalFromHash(digest, XXH3_128bits(text, n));
    return 0;
}

static int fill_two(struct written *w, const struct written_to *to, XXH128_canonical_t *digests,
                    struct err *e)
{
    struct image_of_two *im = (struct image_of_two *)w;
    int r = 0, fd;

    for (unsigned i = 0; r == 0 && i < 2; i++) {
        if (i == 1 && im->fail)
            return err_set(e, ERR_EXEC, ECODE_NONE, im->fail, "the image is bad");
        r = to->create(to->arg, w->dumps[i].name, &fd, e);
        if (r == 0)
            r = fill_dump(im, i, fd, &digests[i]);
    }
    if (r == 0 && im->meanwhile)
        im->meanwhile();
    return r;
}

static void drop_two(struct written *w)
{
    (void)w;
}

UNUSED static struct image_of_two image_of_two(const char *word)
{
    static const struct written_ops ops = {fill_two, drop_two};
    static char text[512];
    struct image_of_two im = {.word = word};

    snprintf(text, sizeof text,
             "[export]\nversion = 0\ntimestamp = %d\nnote = %s\n\n[instance]\nname = " IN
             "\ndisk_count = 2\ndisk0_dump = disk0.raw\ndisk1_dump = disk1.raw\n",
             T, word);
    im.w = (struct written){.ops = &ops,
                            .instance = IN,
                            .config = text,
                            .config_len = strlen(text),
                            .ndumps = 2,
                            .dumps = {{0, "disk0.raw", BYTES0}, {1, "disk1.raw", BYTES1}}};
    return im;
}

/* Is that image there, all of it and nothing else? */
UNUSED static bool is_there(const char *dir, const struct image_of_two *im)
{
    char file[PATH_MAX], want[600];

    if (!shell("cd '%s/" IN "' 2>/dev/null && xxhsum -c --quiet XXH128SUMS 2>/dev/null", dir))
        return false;
    snprintf(file, sizeof file, "%s/" IN "/config.ini", dir);
    snprintf(want, sizeof want, "%s", im->w.config);
    if (strcmp(get(file), want) != 0)
        return false;
    snprintf(file, sizeof file, "%s/" IN, dir);
    return count(file) == 4;
}

/* --- what was there before --- */

UNUSED static void make_old(const char *dir, const char *word)
{
    assert_true(shell("mkdir -p '%s/" IN "' && cd '%s/" IN "' && echo %s >disk0.raw && "
                      "printf '[export]\\nversion = 0\\ntimestamp = 5\\n[instance]\\nname = " IN
                      "\\ndisk0_dump = disk0.raw\\nnote = %s\\n' >config.ini && "
                      "touch -d @%d config.ini",
                      dir, dir, word, word, T));
}

UNUSED static bool old_is_there(const char *dir, const char *word)
{
    char file[PATH_MAX];

    snprintf(file, sizeof file, "%s/" IN "/disk0.raw", dir);
    return !strncmp(get(file), word, strlen(word)) && exists(file) &&
           shell("grep -qx 'note = %s' '%s/" IN "/config.ini'", word, dir);
}

/* --- the world --- */

UNUSED static atomic_int jobs; /* so many times an export is still under way */
UNUSED static int set_ts;
UNUSED static int64_t last_t;

static struct model *world_model(void *arg)
{
    (void)arg;
    return model_ref(&model);
}

UNUSED static struct catalog *world_catalog(void *arg)
{
    (void)arg;
    return catalog_get(scanner);
}

UNUSED static int64_t world_exporting(void *arg, const char *name, struct err *e)
{
    (void)arg, (void)e;
    assert_string_equal(name, IN);
    return jobs > 0 ? atomic_fetch_sub(&jobs, 1) : 0;
}

UNUSED static int64_t world_set_t(void *arg, const char *name, const struct node_export_id *id,
                                  int64_t t)
{
    (void)arg, (void)name;
    assert_true(id->size > 0);
    set_ts++;
    last_t = t;
    return 0;
}

UNUSED static void world_changed(void *arg, const char *where, const char *name)
{
    struct err ignored;

    (void)arg;
    catalog_refresh(scanner, where, name, &ignored);
}

UNUSED static struct gput_world world = {.state_dir = base,
                                         .model = world_model,
                                         .catalog = world_catalog,
                                         .exporting = world_exporting,
                                         .set_t = world_set_t,
                                         .changed = world_changed};

UNUSED static void catalog_has_changed(void *arg)
{
    (void)arg;
}

UNUSED static char run_log[8192];

UNUSED static void on_feedback(void *arg, const char *message)
{
    (void)arg;
    strncat(run_log, message, sizeof run_log - strlen(run_log) - 2);
    strcat(run_log, "\n");
}

UNUSED static int gput_open_nodes(void)
{
    const struct gnode_options opt = {
        .state_dir = base, .cluster = "c.example.com", .command = server, .stall_s = 20};
    int r = gnode_open(&opt, &nodes, &err);

    world.nodes = nodes;
    return r < 0 ? r
                 : catalog_open(&gnode_ops, nodes, world_model, 20, catalog_has_changed, NULL,
                                &scanner, &err);
}

UNUSED static void gput_close_nodes(void)
{
    assert_true(catalog_close(STEAL(scanner)));
    gnode_close(STEAL(nodes));
}

UNUSED static int gput_setup_dirs(void **state)
{
    if (access("/usr/lib/openssh/sftp-server", X_OK) != 0 || server_setup(state) < 0)
        return -1;
    put(path("proxy.py"), proxy, 0600);
    snprintf(server_line, sizeof server_line, "exec python3 -IS '%s/proxy.py' '%s'", base, base);
    snprintf(export_dir2, sizeof export_dir2, "%s/export2", base);
    node.hooks_dir = (char *)"/nonexistent";
    two[0] = node;
    two[1] = (struct model_node){.name = (char *)"node2.example.com",
                                 .export_dir = export_dir2,
                                 .hooks_dir = (char *)"/nonexistent",
                                 .address = (char *)"192.0.2.2"};
    model = (struct model){.name = (char *)"c.example.com", .nnodes = 2, .nodes = two};
    atomic_init(&model.refs, 1000);
    jobs = set_ts = 0;
    last_t = 0;
    run_log[0] = '\0';
    return mkdir(export_dir2, 0700) < 0 ? -1 : cancel_init(&cancel);
}

UNUSED static int gput_setup(void **state)
{
    return gput_setup_dirs(state) < 0 ? -1 : gput_open_nodes();
}

UNUSED static int gput_teardown(void **state)
{
    gput_close_nodes();
    cancel_destroy(&cancel);
    return node_teardown(state);
}

/* An upload to node1. */
UNUSED static int upload(struct image_of_two *im)
{
    const struct lu_run run = {
        .cancel = &cancel, .feedback = on_feedback, .image_t = NEW_T, .written = &im->w};
    struct lu_result result = {0};
    int r;

    run_log[0] = '\0';
    r = gput_run(&world, &run, &two[0], &result, &err);

    if (r == 0)
        assert_true(result.fin_resu && result.ndisks == 2 && result.disks[0] && result.disks[1]);
    return r;
}

/* Looks at node1 as its scanner does, and once more some time later. */
UNUSED static void look_at_node(void)
{
    CLEANUP_GNODE_CONN struct gnode_conn *c = NULL;
    CLEANUP_STRVEC struct strvec names = {0};
    struct sftp_entries entries = {0};

    WAIT_FOR(gnode_ops.export_list(nodes, &two[0], &names, &err) == 0);
    assert_int_equal(gnode_conn_get(nodes, &two[0], &c, &err), 0);
    for (int i = 1; i < 3; i++) {
        WAIT_FOR(sftp_list(c->s, export_dir, &entries, &err) == 0);
        gnode_left_tend_at(c, &two[0], &entries, clock_ms() + i * 90 * 1000);
        sftp_entries_clear(&entries);
        entries = (struct sftp_entries){0};
    }
}

UNUSED static bool nothing_is_noted(void)
{
    char dir[PATH_MAX];

    snprintf(dir, sizeof dir, "%s/uploads", base);
    return count(dir) <= 0;
}

/* The server that is started next dies so. */
UNUSED static void let_it_die(unsigned n, const char *mode)
{
    char text[64];

    snprintf(text, sizeof text, "%u %s", n, mode);
    put(path("die"), text, 0600);
    unlink(path("died"));
}

UNUSED static void check_one(bool with_old, bool published, const struct image_of_two *im)
{
    if (published)
        assert_true(is_there(export_dir, im));
    else if (with_old)
        assert_true(old_is_there(export_dir, "old"));
    assert_int_equal(count(export_dir), published || with_old);
    assert_int_equal(count(path("spool")) > 0, 0);
}

UNUSED static void begin_anew(bool with_old)
{
    assert_true(shell("rm -rf '%s'", export_dir));
    assert_int_equal(mkdir(export_dir, 0700), 0);
    if (with_old)
        make_old(export_dir, "old");
}

#endif
