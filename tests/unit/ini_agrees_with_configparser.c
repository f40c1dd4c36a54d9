/* Thousands of random small texts: what ours accepts, Python's strict reader accepts too and finds
 * the same in it. */
#include "tests/unit/ini_python.h"

#define TEXTS 4000

static const char *const pieces[] = {
    "[a]\n", "[b]\n", "[c",   "k",        "l",        "x",    " = ", "=",      ":",       "\n",
    "\n",    "\n ",   "\n\t", " ",        "\r\n",     "#",    ";",   "%%",     "%",       "v",
    "w",     "[",     "]",    "\xc2\xa0", "\xc3\xa4", "\n  ", "\nk", "\nL = ", "DEFAULT",
};

static char *random_text(unsigned *seed)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    fputs("[s]\n", f);
    for (int n = rand_r(seed) % 14; n >= 0; n--)
        fputs(pieces[(size_t)rand_r(seed) % (sizeof pieces / sizeof *pieces)], f);
    fclose(f);
    return text;
}

static void test_same(void **state)
{
    static const char script[] =
        "import configparser\n" PY_DUMP "for line in open('texts'):\n"
        "    text, want = line.rstrip('\\n').split('|')\n"
        "    text = bytes.fromhex(text).decode('utf-8').replace('\\r\\n', '\\n')\n"
        "    want = bytes.fromhex(want).decode('ascii')\n"
        "    c = configparser.RawConfigParser()\n"
        "    c.read_string(text)\n"
        "    for s in c.sections():\n"
        "        for k in c.options(s): c.set(s, k, c.get(s, k).replace('%%', '%'))\n"
        "    if dump(c) != want: print(repr(text), dump(c), want)\n";
    unsigned seed = 20101209, accepted = 0;
    FILE *f = fopen(in_scratch("texts"), "w");

    (void)state;
    for (int i = 0; i < TEXTS; i++) {
        char *text = random_text(&seed);
        struct ini *ini = NULL;
        struct err err;

        if (ini_parse(text, strlen(text), &ini, &err) == 0) {
            char *dump = ini_dump(ini);

            put_hex(f, text, 0);
            fputc('|', f);
            put_hex(f, dump, 0);
            fputc('\n', f);
            free(dump);
            ini_free(ini);
            accepted++;
        }
        free(text);
    }
    fclose(f);
    assert_true(accepted > TEXTS / 20);

    char *out = run_python(script);

    assert_string_equal(out, "");
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same)};

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
