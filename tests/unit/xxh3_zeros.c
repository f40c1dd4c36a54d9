/* Zeros that are hashed without looking at them: the same as what the library makes of them, for
 * all lengths around its buffer and its blocks, wherever in a block a run begins. */
#include "export/xxh3.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static unsigned char bytes[1 << 20];

struct both {
    XXH3_state_t *ours, *theirs;
};

static void begin(struct both *b)
{
    b->ours = XXH3_createState();
    b->theirs = XXH3_createState();
    XXH3_128bits_reset(b->ours);
    XXH3_128bits_reset(b->theirs);
}

static void data(struct both *b, size_t len)
{
    memset(bytes, 0xA5, len);
    XXH3_128bits_update(b->ours, bytes, len);
    XXH3_128bits_update(b->theirs, bytes, len);
}

static void zeros(struct both *b, size_t len)
{
    xxh3_zeros(b->ours, len);
    memset(bytes, 0, len);
    XXH3_128bits_update(b->theirs, bytes, len);
}

static void same(const struct both *b)
{
    assert_true(XXH128_isEqual(XXH3_128bits_digest(b->ours), XXH3_128bits_digest(b->theirs)));
}

static void end(struct both *b)
{
    XXH3_freeState(b->ours);
    XXH3_freeState(b->theirs);
}

static void every_length(void **state)
{
    (void)state;
    for (size_t len = 0; len < 5000; len++) {
        struct both b;

        begin(&b);
        zeros(&b, len);
        same(&b);
        data(&b, 100);
        same(&b);
        end(&b);
    }
}

static void every_place(void **state)
{
    (void)state;
    for (size_t before = 0; before < 2100; before++) {
        struct both b;

        begin(&b);
        data(&b, before);
        zeros(&b, 4096);
        same(&b);
        zeros(&b, 10000 + before);
        same(&b);
        data(&b, 4096);
        same(&b);
        end(&b);
    }
}

static void runs_and_data(void **state)
{
    struct both b;

    (void)state;
    srand(7);
    begin(&b);
    for (int i = 0; i < 2000; i++) {
        size_t len = (size_t)rand() % (i % 10 ? 9000 : sizeof bytes);

        if (rand() % 2)
            zeros(&b, len);
        else
            data(&b, len);
        same(&b);
    }
    end(&b);
}

/* More than fits into 32 bits; the digest is xxh128sum's of a file of so many zeros. */
static void five_gib(void **state)
{
    struct both b;

    (void)state;
    begin(&b);
    xxh3_zeros(b.ours, (5ULL << 30) + 1);
    memset(bytes, 0, sizeof bytes);
    for (unsigned i = 0; i < 5 << 10; i++)
        XXH3_128bits_update(b.theirs, bytes, sizeof bytes);
    XXH3_128bits_update(b.theirs, bytes, 1);
    same(&b);
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length),
        cmocka_unit_test(every_place),
        cmocka_unit_test(runs_and_data),
        cmocka_unit_test(five_gib),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
