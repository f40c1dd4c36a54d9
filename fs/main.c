/* main.c - the command. */
#include "fs/daemon.h"
#include "fs/options.h"

#define VERSION "0.1"

static int run(struct options *opt)
{
    if (opt->help) {
        options_help(stdout);
        return EXIT_OK;
    }
    if (opt->version) {
        puts("gnt-exportfs " VERSION);
        return EXIT_OK;
    }
    return daemon_run(opt);
}

int main(int argc, char **argv)
{
    struct options opt;
    char msg[512];
    int code = options_parse(argc, argv, &opt, msg, sizeof(msg));
    if (code)
        fprintf(stderr, "gnt-exportfs: %s\n", msg);
    else
        code = run(&opt);
    options_clear(&opt);
    return code;
}
