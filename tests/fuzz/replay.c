/* replay.c - main() of a fuzz target without libFuzzer: each file that is named is an input. */
#include "export/slurp.h"
#include "lock/cleanup.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>

#define MAX (64 * 1024 * 1024)

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        CLEANUP_CLOSE int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
        CLEANUP_FREE char *text = NULL;
        size_t len = 0;

        printf("# %s\n", argv[i]);
        fflush(stdout); /* tells which one it was */
        must(fd >= 0 && slurp_fd(fd, MAX, &text, &len) == 0);
        must(LLVMFuzzerTestOneInput((const uint8_t *)text, len) == 0);
    }
    printf("ok - %d inputs\n", argc - 1);
    return argc > 1 ? 0 : 1;
}
