/* spec §6.3: LV.snap beside its volume, read-only and tagged, gone when released; all or none; what
 * a dead process has left goes, what is somebody else's stays. */
#include "export/snapshot_lvm.h"

#include "tests/unit/fake_lvm.h"
#include "tests/unit/need_pidfd.h"

#include <sys/file.h>

static struct err err;
static struct model_disk disks[2];
static struct node_snapshot snaps[2];

static int take(unsigned n)
{
    snaps[0] = snaps[1] = (struct node_snapshot){.fd = -1};
    return snapshot_lvm_take(base, disks, n, snaps, NULL, &err);
}

static int sweep(unsigned n)
{
    return snapshot_lvm_sweep(base, disks, n, &err);
}

static void two(const char *attr, const char *pool)
{
    fake_vg("vg", 30);
    disks[0].path = (char *)fake_lv("vg", "one", 8, attr, pool);
    disks[1].path = disks[0].path ? (char *)fake_lv("vg", "two", 4, attr, pool) : NULL;
    NEED_LV(disks[1].path);
}

/* Leaves a snapshot as a process that dies does. */
static void die_with(struct node_snapshot *snap)
{
    close(snap->fd);
    free(snap->label);
    free(snap->volume);
    *snap = (struct node_snapshot){.fd = -1};
}

static void write_to(const char *device, const char *text)
{
    int fd = open(device, O_WRONLY | O_CLOEXEC);

    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fsync(fd), 0);
    close(fd);
}

static void taken_read_and_released(const char *create)
{
    char text[7] = "";

    write_to(disks[0].path, "before");
    assert_int_equal(take(2), 0);
    assert_int_equal(ran(create), 1);
    write_to(disks[0].path, "after!");
    assert_string_equal(snaps[0].volume, "vg/one.snap");
    assert_string_equal(snaps[1].volume, "vg/two.snap");
    assert_non_null(strstr(snaps[0].label, "vg/one.snap"));
    assert_int_equal(pread(snaps[0].fd, text, 6, 0), 6);
    assert_string_equal(text, "before");
    assert_int_equal(lseek(snaps[1].fd, 0, SEEK_END), 4 * MIB);
    assert_int_equal(fcntl(snaps[0].fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(snaps[0].fd, F_GETFL) & O_ACCMODE, O_RDONLY);
    for (int j = 0; j < 2; j++) {
        assert_int_equal(snapshot_lvm_verify(&snaps[j], &err), 0);
        assert_int_equal(snapshot_lvm_release(&snaps[j], &err), 0);
        assert_int_equal(snaps[j].fd, -1);
        assert_null(snaps[j].volume);
    }
    assert_false(exists(path("lvm/vg/one.snap")));
    assert_false(exists(path("lvm/vg/two.snap")));
    assert_string_equal(get(path("lvm/vg/free")), "30\n");
}

static void thick(void **state)
{
    (void)state;
    two("-wi-ao----", "");
    taken_read_and_released("lvcreate -s -y -p r --addtag gnt-exportfs -n one.snap -l 3 vg/one\n");
}

static void thin(void **state)
{
    (void)state;
    fake_vg("vg", 0);
    fake_lv_line("vg", "pool", "83886080|twi-aotz--|||10.00|20.00||\n");
    two("Vwi-aotz--", "pool");
    taken_read_and_released("lvcreate -s -y -p r --addtag gnt-exportfs -n one.snap -k n vg/one\n");
}

static void nothing_comes_in_between(void **state)
{
    (void)state;
    two("-wi-ao----", "");
    assert_int_equal(take(2), 0);
    assert_true(
        shell("grep -A1 'one.snap -l' %s/lvm.log | tail -n 1 | grep -q 'two.snap -l'", base));
    snapshot_lvm_release(&snaps[0], &err);
    snapshot_lvm_release(&snaps[1], &err);
}

static void all_or_none(void **state)
{
    (void)state;
    two("-wi-ao----", "");
    put(path("lvm.lvcreate"), "[[ $* != *two.snap* ]] || refuse made to fail", 0600);
    assert_int_equal(take(2), -EIO);
    assert_non_null(strstr(err.text, "made to fail"));
    assert_non_null(strstr(err.text, disks[1].path));
    assert_int_equal(snaps[0].fd, -1);
    assert_false(exists(path("lvm/vg/one.snap")));
}

static void what_was_made_and_cannot_be_found_is_removed(void **state)
{
    (void)state;
    two("-wi-ao----", "");
    put(path("lvm.lvs"), "[ ! -e lvm/vg/two.snap ] || { list | grep -v two.snap; exit; }", 0600);
    assert_int_equal(take(2), -EIO);
    assert_false(exists(path("lvm/vg/one.snap")));
    assert_false(exists(path("lvm/vg/two.snap")));
}

static void garbage_is_not_believed(void **state)
{
    static const char *const lines[] = {
        "vg|one",
        "vg|one|7|0|x|-wi-ao----||||||4194304|30|/dev/x",
        "vg|one|7|0|8388608|-wi-ao----||||||0|30|/dev/x",
        "vg|one|7|0|8388608|-wi||||||4194304|30|/dev/x",
        "vg|../one|7|0|8388608|-wi-ao----||||||4194304|30|/dev/x",
        "-vg|one|7|0|8388608|-wi-ao----||||||4194304|30|/dev/x",
        "vg|one|7|0|8388608|-wi-ao----|||-1|||4194304|30|/dev/x",
        "vg|one|7|0|99999999999999999999|-wi-ao----||||||4194304|30|/dev/x",
        "vg|one|7|0|8388608|-wi-ao----||||||4194304|30|/dev/x|more",
        "\xff\xfe",
    };

    (void)state;
    two("-wi-ao----", "");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char script[512];

        snprintf(script, sizeof script, "echo '  %s'; exit", lines[i]);
        put(path("lvm.lvs"), script, 0600);
        assert_int_equal(take(1), -EBADMSG);
        assert_int_equal(snapshot_lvm_check(disks, 1, NULL, &err), -EBADMSG);
    }
    put(path("lvm.lvs"), "yes | head -c 9000000; exit", 0600);
    assert_int_equal(take(1), -EFBIG);
    assert_int_equal(ran("lvcreate"), 0);
}

static void a_complaint_about_another_group_is_no_obstacle(void **state)
{
    (void)state;
    two("-wi-ao----", "");
    put(path("lvm.lvs"), "list; refuse 'Volume group broken is inconsistent'", 0600);
    assert_int_equal(take(1), 0);
    snapshot_lvm_release(&snaps[0], &err);
    assert_int_equal(unlink(path("lvm/vg/one")), 0);
    assert_int_equal(take(1), -EOPNOTSUPP);
    assert_non_null(strstr(err.text, "broken is inconsistent"));
}

static void what_was_left_goes_first(void **state)
{
    (void)state;
    two("-wi-ao----", "");
    assert_int_equal(take(1), 0);
    die_with(&snaps[0]);
    assert_int_equal(take(1), 0);
    assert_string_equal(get(path("lvm/vg/free")), "27\n");
    assert_int_equal(snapshot_lvm_release(&snaps[0], &err), 0);
}

static void cancelled_before_it_is_begun(void **state)
{
    struct cancel cancel;

    (void)state;
    two("-wi-ao----", "");
    cancel_init(&cancel);
    cancel_request(&cancel);
    snaps[0] = (struct node_snapshot){.fd = -1};
    assert_int_equal(snapshot_lvm_take(base, disks, 1, snaps, &cancel, &err), -ECANCELED);
    assert_int_equal(ran("lvcreate"), 0);
    cancel_destroy(&cancel);
}

/* --- afterwards --- */

static void run_full_it_is_no_longer_good(void **state)
{
    (void)state;
    two("-wi-ao----", "");
    assert_int_equal(take(1), 0);
    assert_true(
        shell("sed -i 's/sri-a-s---/sri-I-s---/; s/0[.]00/100.00/' %s/lvm/vg/one.snap", base));
    assert_int_equal(snapshot_lvm_verify(&snaps[0], &err), -EIO);
    assert_non_null(strstr(err.text, "run full"));
    assert_int_equal(snapshot_lvm_release(&snaps[0], &err), 0);
    assert_false(exists(path("lvm/vg/one.snap")));
}

static void nor_when_its_pool_has(void **state)
{
    (void)state;
    fake_vg("vg", 0);
    fake_lv_line("vg", "pool", "83886080|twi-aotz--|||10.00|20.00||\n");
    two("Vwi-aotz--", "pool");
    assert_int_equal(take(1), 0);
    fake_lv_line("vg", "pool", "83886080|twi-aotzD-|||100.00|20.00||\n");
    assert_int_equal(snapshot_lvm_verify(&snaps[0], &err), -EIO);
    assert_non_null(strstr(err.text, "vg/pool"));
    snapshot_lvm_release(&snaps[0], &err);
}

static void nor_when_it_is_gone_or_another(void **state)
{
    (void)state;
    two("-wi-ao----", "");
    assert_int_equal(take(1), 0);
    assert_true(shell("cp %s/lvm/vg/one.snap %s/kept && sed -i s/gnt-exportfs// %s/lvm/vg/one.snap",
                      base, base, base));
    assert_int_equal(snapshot_lvm_verify(&snaps[0], &err), -EIO);
    assert_int_equal(unlink(path("lvm/vg/one.snap")), 0);
    assert_int_equal(snapshot_lvm_verify(&snaps[0], &err), -EIO);
    assert_non_null(strstr(err.text, "vanished"));
    assert_int_equal(rename(path("kept"), path("lvm/vg/one.snap")), 0);
    assert_int_equal(snapshot_lvm_release(&snaps[0], &err), 0);
}

static void one_that_is_not_known_to_be_good_is_not_trusted(void **state)
{
    (void)state;
    two("-wi-ao----", "");
    assert_int_equal(take(1), 0);
    put(path("lvm.lvs"), "kill -9 $$", 0600);
    assert_int_equal(snapshot_lvm_verify(&snaps[0], &err), -EIO);
    assert_int_equal(unlink(path("lvm.lvs")), 0);
    snapshot_lvm_release(&snaps[0], &err);
}

static void one_that_cannot_be_removed_is_told_of(void **state)
{
    (void)state;
    two("-wi-ao----", "");
    assert_int_equal(take(1), 0);
    put(path("lvm.lvremove"), "refuse made to fail", 0600);
    assert_int_equal(snapshot_lvm_release(&snaps[0], &err), -EIO);
    assert_non_null(strstr(err.text, "vg/one.snap is left"));
    assert_non_null(strstr(err.text, "made to fail"));
    assert_int_equal(snaps[0].fd, -1);
    assert_int_equal(unlink(path("lvm.lvremove")), 0);
    assert_int_equal(sweep(2), 0);
    assert_false(exists(path("lvm/vg/one.snap")));
}

static void sweeping_takes_ours_only_and_may_be_done_again(void **state)
{
    (void)state;
    two("-wi-ao----", "");
    assert_int_equal(take(1), 0);
    die_with(&snaps[0]);
    fake_lv_line("vg", "two.snap", "8388608|swi-a-s---|two||1.00|||\n");
    fake_lv_line("vg", "three.snap", "8388608|swi-a-s---|three||1.00||gnt-exportfs|\n");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sweep(2), 0);
        assert_false(exists(path("lvm/vg/one.snap")));
        assert_true(exists(path("lvm/vg/two.snap")));
        assert_true(exists(path("lvm/vg/three.snap")));
    }
    assert_int_equal(ran("lvremove"), 1);
}

static void sweeping_files_costs_nothing(void **state)
{
    (void)state;
    put(path("disk"), "", 0600);
    disks[0].path = (char *)path("disk");
    disks[1].path = (char *)path("absent");
    assert_int_equal(sweep(2), 0);
    assert_false(exists(path("lvm.log")));
    assert_false(exists(path("snapshots.lock")));
}

static void the_snapshot_of_a_volume_that_is_gone(void **state)
{
    (void)state;
    fake_vg("vg", 30);
    fake_lv_line("vg", "one.snap", "8388608|Vri-a-tz--||pool|||gnt-exportfs|\n");
    disks[0].path = (char *)"/dev/vg/one";
    assert_int_equal(sweep(1), 0);
    assert_false(exists(path("lvm/vg/one.snap")));
}

static void who_is_taking_one_holds_the_lock(void **state)
{
    (void)state;
    two("-wi-ao----", "");
    put(path("lvm.lvcreate"),
        "[ \"$LVM_REPORT_FD\" = 3 ] || refuse LVM would close it\n"
        "exec 4>snapshots.lock; ! flock -n -x 4 || refuse not locked",
        0600);
    assert_int_equal(take(1), 0);
    assert_true(shell("flock -n -x %s/snapshots.lock true", base));
    assert_int_equal(snapshot_lvm_release(&snaps[0], &err), 0);
}

static void sweeping_waits_for_who_is_taking_one(void **state)
{
    char script[PATH_MAX];

    (void)state;
    two("-wi-ao----", "");
    /* the child of a process that died makes it while the sweep is on its way */
    snprintf(script, sizeof script,
             "exec 3>%s/snapshots.lock; flock -s 3; : >%s/held; sleep 2; "
             "echo '8388608|sri-a-s---|one||1.00||gnt-exportfs|' >%s/lvm/vg/one.snap",
             base, base, base);
    assert_true(shell("bash -c \"%s\" & while [ ! -e %s/held ]; do sleep 0.1; done", script, base));
    assert_int_equal(sweep(1), 0);
    assert_false(exists(path("lvm/vg/one.snap")));
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, fake_lvm_setup, fake_lvm_teardown)
    const struct CMUnitTest tests[] = {
        T_(thick),
        T_(thin),
        T_(nothing_comes_in_between),
        T_(all_or_none),
        T_(what_was_made_and_cannot_be_found_is_removed),
        T_(garbage_is_not_believed),
        T_(a_complaint_about_another_group_is_no_obstacle),
        T_(what_was_left_goes_first),
        T_(cancelled_before_it_is_begun),
        T_(run_full_it_is_no_longer_good),
        T_(nor_when_its_pool_has),
        T_(nor_when_it_is_gone_or_another),
        T_(one_that_is_not_known_to_be_good_is_not_trusted),
        T_(one_that_cannot_be_removed_is_told_of),
        T_(sweeping_takes_ours_only_and_may_be_done_again),
        T_(sweeping_files_costs_nothing),
        T_(the_snapshot_of_a_volume_that_is_gone),
        T_(who_is_taking_one_holds_the_lock),
        T_(sweeping_waits_for_who_is_taking_one),
    };

    NEED_PIDFD();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
