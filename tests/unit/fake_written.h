/* fake_written.h - written images for tests of jobs_write(), and what becomes of them.  Include
 * after fake_cluster.h. */
#ifndef TESTS_FAKE_WRITTEN_H
#define TESTS_FAKE_WRITTEN_H

struct fake_written {
    struct written w; /* first */
    atomic_int filled, dropped, ended;
    bool dropped_first; /* before ended() */
    int result;         /* what ended() was told */
    struct err err;
    int fail; /* errno of fill() */
};

static inline int fake_fill(struct written *w, const struct written_to *to,
                            XXH128_canonical_t *digests, struct err *err)
{
    struct fake_written *fw = (struct fake_written *)w;

    (void)to, (void)digests;
    atomic_fetch_add(&fw->filled, 1);
    return fw->fail ? err_set(err, ERR_EXEC, ECODE_NONE, fw->fail, "fill failed") : 0;
}

static inline void fake_drop(struct written *w)
{
    struct fake_written *fw = (struct fake_written *)w;

    assert_int_equal(fw->dropped, 0);
    atomic_fetch_add(&fw->dropped, 1);
}

static inline void fake_ended(void *arg, int result, const struct err *err)
{
    struct fake_written *fw = arg;

    assert_int_equal(fw->ended, 0);
    fw->result = result;
    if (result < 0)
        fw->err = *err;
    fw->dropped_first = fw->dropped;
    atomic_fetch_add(&fw->ended, 1);
}

static const struct written_ops fake_written_ops = {fake_fill, fake_drop};

static inline void fake_written_init(struct fake_written *fw, const char *name)
{
    *fw = (struct fake_written){.w = {.ops = &fake_written_ops, .instance = name, .need = 1000}};
}

static inline int fake_write_to(struct jobs *j, const char *node, struct fake_written *fw,
                                struct err *err)
{
    return jobs_write(j, node, &fw->w, fake_ended, fw, err);
}

static inline bool fake_wait_for(atomic_int *what)
{
    for (int i = 0; i < 6000 && *what == 0; i++)
        usleep(10000);
    return *what != 0;
}

static inline bool fake_text_has(char *text, const char *what)
{
    bool has = strstr(text, what);

    if (!has)
        print_message("no \"%s\" in:\n%s", what, text);
    free(text);
    return has;
}

static inline bool fake_status_has(struct jobs *j, const char *name, const char *what)
{
    char *text;
    size_t len;

    assert_int_equal(name ? jobs_instance_status_text(j, name, &text, &len)
                          : jobs_status_text(j, &text, &len),
                     0);
    return fake_text_has(text, what);
}

static inline bool fake_node_status_has(struct jobs *j, const char *node, const char *what)
{
    char *text;
    size_t len;

    assert_int_equal(jobs_node_status_text(j, node, &text, &len), 0);
    return fake_text_has(text, what);
}

#endif
