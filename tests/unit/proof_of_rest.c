/* Freshness (c), DESIGN §2: what proves that an instance is the same as when it was exported. */
#include "export/proof.h"
#include "fake_cluster.h"

static struct model_instance *stopped(void)
{
    struct model_instance *i = fake_instance("web1.example.com");

    for (unsigned j = 0; j < 2; j++) {
        struct model_disk *d = model_add_disk(i);

        assert_non_null(d);
        d->path = strdup("/x");
        d->mode = strdup("rw");
        d->bytes = 4096;
        d->dev = 7;
        d->ino = 8 + j;
        d->mtime = d->ctime = (struct timespec){1000, 5};
    }
    return i;
}

static void equal_if_nothing_differs(void **state)
{
    struct model_instance *i = stopped(), *same = stopped();
    struct proof a, b;

    (void)state;
    assert_true(proof_of(i, &a));
    assert_true(proof_of(same, &b));
    assert_true(proof_same(&a, &b));
    model_instance_unref(i);
    model_instance_unref(same);
}

static void every_fact_counts(void **state)
{
    struct proof a, b;

    (void)state;
    for (int what = 0; what < 9; what++) {
        struct model_instance *i = stopped();
        struct model_disk *d = &i->disks[1];

        assert_true(proof_of(i, &a));
        switch (what) {
        case 0:
            d->dev++;
            break;
        case 1:
            d->ino++;
            break;
        case 2:
            d->bytes++;
            break;
        case 3:
            d->mtime.tv_sec++;
            break;
        case 4:
            d->mtime.tv_nsec++;
            break;
        case 5:
            d->ctime.tv_sec++;
            break;
        case 6:
            d->ctime.tv_nsec++;
            break;
        case 7:
            i->maxmem++; /* config.ini would be another */
            break;
        case 8:
            i->ndisks = 1;
            break;
        }
        assert_true(proof_of(i, &b));
        assert_false(proof_same(&a, &b));
        i->ndisks = 2;
        model_instance_unref(i);
    }
}

static void what_cannot_be_proved(void **state)
{
    struct model_instance *i = stopped();
    struct proof p = {1, 2};

    (void)state;
    i->admin_state = ADMIN_UP;
    assert_false(proof_of(i, &p));
    i->admin_state = ADMIN_OFFLINE;
    assert_true(proof_of(i, &p));
    i->disks[1].is_block = true; /* a volume is never provable */
    assert_false(proof_of(i, &p));
    i->disks[1].is_block = false;
    i->disks[1].look_error = -EIO;
    assert_false(proof_of(i, &p));
    i->disks[1].look_error = 0;
    i->disks[1].ino = 0;
    assert_false(proof_of(i, &p));
    model_instance_unref(i);
}

/* A write in the same tick of the clock as the last one leaves the times as they are. */
static void changes_just_before_prove_nothing(void **state)
{
    struct model_instance *i = stopped();

    (void)state;
    assert_false(proof_holds(i, 1000));
    assert_false(proof_holds(i, 1001));
    assert_true(proof_holds(i, 1002));
    i->disks[0].mtime.tv_sec = 5000; /* anybody can set it */
    assert_true(proof_holds(i, 1002));
    i->disks[0].ctime.tv_sec = 1001;
    assert_false(proof_holds(i, 1002));
    model_instance_unref(i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_if_nothing_differs),
        cmocka_unit_test(every_fact_counts),
        cmocka_unit_test(what_cannot_be_proved),
        cmocka_unit_test(changes_just_before_prove_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
