/* lu_world_written.h - an image of web1 that somebody has written: two dumps with foreign names,
 * one of them empty.  Include after lu_world.h.
 *
 *   world_write()      the next run is of it, and has no image for readers
 */
#ifndef TESTS_LU_WORLD_WRITTEN_H
#define TESTS_LU_WORLD_WRITTEN_H

#define WRITTEN_BYTES 5000

#define WRITTEN_CONFIG(name)                                                                       \
    "[export]\nversion = 0\ntimestamp = 1\nos = old+os\n"                                          \
    "[instance]\nname = " name "\nmaxmem = 77\ndisk_template = plain\n"                            \
    "nic0_mac = aa:00:00:11:22:33\nnic0_mode = bridged\nnic0_link = br7\n"                         \
    "disk0_dump = 4f1d.snap\ndisk0_size = 1\ndisk2_dump = swap\ndisk2_size = 9\n"                  \
    "[hypervisor]\nkernel_path = /old\n"

static struct {
    struct written image;
    const char *names[3]; /* what fill() creates; NULL: no more */
    uint64_t cut;         /* its files are so much too short */
} world_written;

static inline int world_fill(struct written *i, const struct written_to *to,
                             XXH128_canonical_t *digests, struct err *err)
{
    int r = world_call(err, "fill");
    uint64_t done = 0;

    for (unsigned n = 0; r == 0 && n < 3 && world_written.names[n]; n++) {
        int fd = -1;

        r = to->create(to->arg, world_written.names[n], &fd, err);
        if (r < 0)
            return r;
        assert_true(fd >= 0);
        if (cancel_requested(to->cancel))
            return -ECANCELED;
        assert_int_equal(ftruncate(fd, (off_t)(i->dumps[n].bytes - world_written.cut)), 0);
        done += i->dumps[n].bytes;
        to->progress(to->arg, done);
        XXH128_canonicalFromHash(&digests[n], XXH3_128bits("y", 1));
    }
    return r;
}

static inline void world_drop(struct written *i)
{
    (void)i;
    fail_msg("the LU must not drop it");
}

static inline struct written *world_write(void)
{
    static const struct written_ops ops = {world_fill, world_drop};
    static const char config[] = WRITTEN_CONFIG(WEB1);

    world_written.image = (struct written){
        .ops = &ops,
        .instance = WEB1,
        .config = config,
        .config_len = sizeof config - 1,
        .ndumps = 2,
        .dumps = {{.disk = 0, .name = "4f1d.snap", .bytes = WRITTEN_BYTES},
                  {.disk = 2, .name = "swap"}},
        .need = WRITTEN_BYTES,
        .dev = 77,
    };
    world_written.names[0] = "4f1d.snap";
    world_written.names[1] = "swap";
    world_written.names[2] = NULL;
    world_written.cut = 0;
    w.run.written = &world_written.image;
    w.run.image = NULL;
    return &world_written.image;
}

/* The same of an instance that the cluster does not know. */
static inline struct written *world_write_gone(void)
{
    static const char config[] = WRITTEN_CONFIG("gone.example.com");
    struct written *i = world_write();

    i->instance = "gone.example.com";
    i->config = config;
    i->config_len = sizeof config - 1;
    return i;
}

static inline bool world_env_has(const char *line)
{
    return strvec_has(&w.env_seen, line);
}

#endif
