/* spec §6.3, DESIGN §5: what cannot have an LVM snapshot is known, with the reason, before anything
 * is done; the check changes nothing. */
#include "export/snapshot_lvm.h"

#include "tests/unit/fake_lvm.h"
#include "tests/unit/need_pidfd.h"

static struct err err;
static struct model_disk disks[3];

static int check(unsigned n)
{
    return snapshot_lvm_check(disks, n, NULL, &err);
}

/* One volume of 8 MiB, VG/web, as disk 0; a snapshot of it needs three extents. */
static bool one(unsigned free_extents, const char *attr)
{
    fake_vg("vg", free_extents);
    disks[0].path = (char *)fake_lv("vg", "web", 8, attr, "");
    return disks[0].path;
}

#define REFUSED(n, errnum, reason)                                                                 \
    do {                                                                                           \
        assert_int_equal(check(n), -(errnum));                                                     \
        if (!strstr(err.text, reason))                                                             \
            fail_msg("\"%s\" is not in \"%s\"", reason, err.text);                                 \
        assert_int_equal(ran("lvremove"), 0);                                                      \
        assert_int_equal(ran("lvcreate"), ran("lvcreate -s -y -p r --addtag " LVM_TAG_ " -n "      \
                                              "web.snap --test"));                                 \
    } while (0)
#define LVM_TAG_ "gnt-exportfs"

static void a_volume_with_room(void **state)
{
    (void)state;
    NEED_LV(one(3, "-wi-ao----"));
    assert_int_equal(check(1), 0);
    assert_int_equal(ran("lvcreate"), 1);
    assert_false(exists(path("lvm/vg/web.snap")));
    assert_string_equal(get(path("lvm/vg/free")), "3\n");
}

static void one_that_has_other_snapshots(void **state)
{
    (void)state;
    NEED_LV(one(3, "owi-aos---"));
    fake_lv_line("vg", "older", "8388608|swi-a-s---|web||10.00|||\n");
    assert_int_equal(check(1), 0);
}

static void by_a_link_to_its_device(void **state)
{
    const char *device;

    (void)state;
    NEED_LV(one(3, "-wi-ao----"));
    device = disks[0].path;
    assert_int_equal(symlink(device, path("link")), 0);
    disks[0].path = (char *)path("link");
    assert_int_equal(check(1), 0);
}

static void files_cost_nothing(void **state)
{
    (void)state;
    put(path("disk"), "data", 0600);
    disks[0].path = (char *)path("disk");
    assert_int_equal(check(1), 0);
    assert_false(exists(path("lvm.log")));
}

static void a_device_of_another_kind(void **state)
{
    (void)state;
    NEED_LV(one(3, "-wi-ao----"));
    assert_int_equal(unlink(path("lvm/vg/web")), 0);
    REFUSED(1, EOPNOTSUPP, "no logical volume");
    assert_non_null(strstr(err.text, disks[0].path));
}

static void where_there_is_no_lvm(void **state)
{
    (void)state;
    if (access("/usr/sbin/lvs", X_OK) == 0 || access("/sbin/lvs", X_OK) == 0) {
        print_message("skipped: LVM is installed here\n");
        skip();
    }
    NEED_LV(one(3, "-wi-ao----"));
    assert_int_equal(unlink(path("bin/lvs")), 0);
    REFUSED(1, ENOENT, "lvs");
    assert_int_equal(snapshot_lvm_sweep(base, disks, 1, &err), 0);
}

static void one_that_vanished(void **state)
{
    (void)state;
    NEED_LV(one(3, "-wi-ao----"));
    disks[1].path = (char *)path("gone");
    REFUSED(2, ENOENT, disks[1].path);
}

static void a_thick_snapshot(void **state)
{
    (void)state;
    NEED_LV(one(30, "swi-aos---"));
    REFUSED(1, EOPNOTSUPP, "vg/web is a snapshot itself");
}

static void a_pool(void **state)
{
    (void)state;
    NEED_LV(one(30, "twi-aotz--"));
    REFUSED(1, EOPNOTSUPP, "type 't'");
}

static void one_that_is_suspended(void **state)
{
    (void)state;
    NEED_LV(one(30, "-wi-so----"));
    REFUSED(1, EBUSY, "suspended");
}

static void one_with_parts_missing(void **state)
{
    (void)state;
    NEED_LV(one(30, "-wi-ao--p-"));
    REFUSED(1, EIO, "missing");
}

static void no_room_in_the_group(void **state)
{
    (void)state;
    NEED_LV(one(2, "-wi-ao----"));
    REFUSED(1, ENOSPC, "need 3 extents in vg, 2 are free");
}

static void room_for_each_but_not_for_both(void **state)
{
    (void)state;
    NEED_LV(one(5, "-wi-ao----"));
    disks[1].path = (char *)fake_lv("vg", "two", 8, "-wi-ao----", "");
    assert_int_equal(check(1), 0);
    REFUSED(2, ENOSPC, "need 6 extents in vg, 5 are free");
    fake_vg("vg", 6);
    assert_int_equal(check(2), 0);
}

static void room_in_two_groups(void **state)
{
    (void)state;
    NEED_LV(one(3, "-wi-ao----"));
    fake_vg("other", 3);
    disks[1].path = (char *)fake_lv("other", "web", 8, "-wi-ao----", "");
    assert_int_equal(check(2), 0);
    fake_vg("other", 2);
    REFUSED(2, ENOSPC, "in other, 2 are free");
}

static void one_volume_twice(void **state)
{
    (void)state;
    NEED_LV(one(30, "-wi-ao----"));
    disks[1].path = disks[0].path;
    REFUSED(2, EINVAL, "same volume");
}

static void a_name_that_is_somebody_elses(void **state)
{
    (void)state;
    NEED_LV(one(30, "-wi-ao----"));
    fake_lv_line("vg", "web.snap", "8388608|-wi-a-----||||||\n");
    REFUSED(1, EEXIST, "vg/web.snap");
    fake_lv_line("vg", "web.snap", "8388608|swi-a-s---|web||1.00||gnt-exportfs2,backup|\n");
    REFUSED(1, EEXIST, "vg/web.snap");
}

static void a_name_that_would_be_too_long(void **state)
{
    char name[128];

    (void)state;
    memset(name, 'n', sizeof name);
    snprintf(name + 123, sizeof name - 123, "%s", "1");
    fake_vg("vg", 30);
    disks[0].path = (char *)fake_lv("vg", name, 8, "-wi-ao----", "");
    NEED_LV(disks[0].path);
    REFUSED(1, ENAMETOOLONG, "too long");
}

static void what_is_left_of_ours_is_no_obstacle_and_its_room_is_free(void **state)
{
    (void)state;
    NEED_LV(one(0, "owi-aos---"));
    fake_lv_line("vg", "web.snap", "12582912|sri-a-s---|web||1.00||other,gnt-exportfs|\n");
    assert_int_equal(check(1), 0);
    assert_true(exists(path("lvm/vg/web.snap")));
    fake_lv_line("vg", "web.snap", "8388608|sri-a-s---|web||1.00||gnt-exportfs|\n");
    REFUSED(1, ENOSPC, "2 are free");
}

static void but_not_while_somebody_reads_it(void **state)
{
    (void)state;
    NEED_LV(one(30, "owi-aos---"));
    fake_lv_line("vg", "web.snap", "12582912|sri-aos---|web||1.00||gnt-exportfs|\n");
    REFUSED(1, EBUSY, "in use");
}

static void a_thin_one_needs_no_room_in_the_group(void **state)
{
    (void)state;
    fake_vg("vg", 0);
    fake_lv_line("vg", "pool", "83886080|twi-aotz--|||99.90|20.00||\n");
    disks[0].path = (char *)fake_lv("vg", "web", 8, "Vwi-aotz--", "pool");
    NEED_LV(disks[0].path);
    assert_int_equal(check(1), 0);
}

static void but_in_its_pool(void **state)
{
    (void)state;
    fake_vg("vg", 30);
    disks[0].path = (char *)fake_lv("vg", "web", 8, "Vwi-aotz--", "pool");
    NEED_LV(disks[0].path);
    fake_lv_line("vg", "pool", "83886080|twi-aotz--|||100.00|20.00||\n");
    REFUSED(1, ENOSPC, "vg/pool is full");
    fake_lv_line("vg", "pool", "83886080|twi-aotz--|||10.00|100.00||\n");
    REFUSED(1, ENOSPC, "vg/pool is full");
    fake_lv_line("vg", "pool", "83886080|twi-aotzM-|||10.00|10.00||\n");
    REFUSED(1, ENOSPC, "vg/pool is full");
    assert_int_equal(unlink(path("lvm/vg/pool")), 0);
    REFUSED(1, EIO, "pool");
}

static void what_lvm_itself_finds_in_a_trial(void **state)
{
    (void)state;
    NEED_LV(one(30, "-wi-ao----"));
    put(path("lvm.lvcreate"), "echo '  no allocatable extents' >&2; exit 5", 0600);
    REFUSED(1, EIO, "no allocatable extents");
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, fake_lvm_setup, fake_lvm_teardown)
    const struct CMUnitTest tests[] = {
        T_(a_volume_with_room),
        T_(one_that_has_other_snapshots),
        T_(by_a_link_to_its_device),
        T_(files_cost_nothing),
        T_(a_device_of_another_kind),
        T_(where_there_is_no_lvm),
        T_(one_that_vanished),
        T_(a_thick_snapshot),
        T_(a_pool),
        T_(one_that_is_suspended),
        T_(one_with_parts_missing),
        T_(no_room_in_the_group),
        T_(room_for_each_but_not_for_both),
        T_(room_in_two_groups),
        T_(one_volume_twice),
        T_(a_name_that_is_somebody_elses),
        T_(a_name_that_would_be_too_long),
        T_(what_is_left_of_ours_is_no_obstacle_and_its_room_is_free),
        T_(but_not_while_somebody_reads_it),
        T_(a_thin_one_needs_no_room_in_the_group),
        T_(but_in_its_pool),
        T_(what_lvm_itself_finds_in_a_trial),
    };

    NEED_PIDFD();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
