/* gnode_help.h - a node in a temporary directory that is reached over SFTP, with the server as the
 * child itself: no ssh.  What it was asked for is logged; it can be killed. */
#ifndef TESTS_GANETI_GNODE_HELP_H
#define TESTS_GANETI_GNODE_HELP_H

#include "export/ganeti/gnode.h"
#include "export/ganeti/sftp.h"
#include "export/node_file.h"
#include "lock/clock.h"

#include "tests/unit/node_help.h"

#include <signal.h>

static struct err err;
static char server_line[PATH_MAX * 2];
static const char *server[] = {"sh", "-c", server_line, NULL};
__attribute__((unused)) static struct gnode *nodes;
__attribute__((unused)) static struct sftp *client;

/* The server notes its pid and what it is asked for; it does not start while "stop" is there. */
__attribute__((unused)) static int server_setup(void **state)
{
    if (node_setup(state) < 0)
        return -1;
    snprintf(server_line, sizeof server_line,
             "[ ! -e '%s/stop' ] || { echo no such luck >&2; exit 1; }; echo $$ >>'%s/pids'; "
             "exec /usr/lib/openssh/sftp-server -e -l VERBOSE 2>>'%s/log'",
             base, base, base);
    node.address = (char *)"192.0.2.1";
    return 0;
}

__attribute__((unused)) static int nodes_setup_with(void **state, struct gnode_options opt)
{
    if (server_setup(state) < 0)
        return -1;
    opt.state_dir = base;
    opt.cluster = "cluster.example.com";
    opt.command = server;
    opt.stall_s = 20;
    return gnode_open(&opt, &nodes, &err);
}

__attribute__((unused)) static int nodes_setup(void **state)
{
    return nodes_setup_with(state, (struct gnode_options){0});
}

__attribute__((unused)) static int nodes_teardown(void **state)
{
    gnode_close(nodes);
    nodes = NULL;
    return node_teardown(state);
}

__attribute__((unused)) static int client_setup(void **state)
{
    const struct sftp_options opt = {.name = "node1.example.com", .argv = server};

    return server_setup(state) < 0 ? -1 : sftp_new(&opt, &client);
}

__attribute__((unused)) static int client_teardown(void **state)
{
    sftp_free(client);
    client = NULL;
    return node_teardown(state);
}

static inline unsigned lines_with(const char *file, const char *word)
{
    char cmd[PATH_MAX], text[32] = "0";
    FILE *p;

    snprintf(cmd, sizeof cmd, "cat '%s/%s' 2>/dev/null | grep -c -- '%s'", base, file, word);
    p = popen(cmd, "r");
    assert_non_null(p);
    assert_non_null(fgets(text, sizeof text, p));
    pclose(p);
    return (unsigned)atoi(text);
}

/* How often the server was asked for it: "opendir", "open ", "lstat" ... */
static inline unsigned asked(const char *what)
{
    return lines_with("log", what);
}

static inline unsigned servers_started(void)
{
    return lines_with("pids", "");
}

/* Kills the server that was started last. */
static inline void kill_server(void)
{
    FILE *f = fopen(path("pids"), "r");
    int pid = 0, n;

    assert_non_null(f);
    while (fscanf(f, "%d", &n) == 1)
        pid = n;
    fclose(f);
    assert_true(pid > 1);
    kill(pid, SIGKILL);
}

static inline void set_mtime(const char *file, int64_t t)
{
    const struct timespec times[2] = {{.tv_sec = t}, {.tv_sec = t}};

    assert_int_equal(utimensat(AT_FDCWD, file, times, AT_SYMLINK_NOFOLLOW), 0);
}

static inline void sleep_ms(unsigned ms)
{
    usleep(ms * 1000);
}

/* Until the condition holds; for a minute at most. */
#define WAIT_FOR(condition)                                                                        \
    do {                                                                                           \
        int64_t until_ = clock_ms() + 60000;                                                       \
        while (!(condition)) {                                                                     \
            assert_true(clock_ms() < until_);                                                      \
            sleep_ms(20);                                                                          \
        }                                                                                          \
    } while (0)

#endif
