/* ini_python.h - Python's configparser as an independent reader of the dialect. */
#ifndef TESTS_UNIT_INI_PYTHON_H
#define TESTS_UNIT_INI_PYTHON_H

#include "export/ini.h"
#include "tests/unit/format_tools.h"

#include <ctype.h>

/* Python that prints what a ConfigParser `c` holds: "S hex", "K hex hex" lines. */
#define PY_DUMP                                                                                    \
    "def h(s): return s.encode('utf-8').hex()\n"                                                   \
    "def dump(c):\n"                                                                               \
    "    out = ''\n"                                                                               \
    "    for s in c.sections():\n"                                                                 \
    "        out += 'S ' + h(s) + '\\n'\n"                                                         \
    "        for k in c.options(s):\n"                                                             \
    "            out += 'K ' + h(k) + ' ' + h(c.get(s, k)) + '\\n'\n"                              \
    "    return out\n"

static inline void put_hex(FILE *f, const char *s, int lower)
{
    for (; *s; s++)
        fprintf(f, "%02x", (unsigned)(unsigned char)(lower ? tolower(*s) : *s));
}

/* The same of ours, keys in lower case as Python has them.  The caller frees. */
static inline char *ini_dump(const struct ini *ini)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    for (size_t i = 0; i < ini->n; i++) {
        fputs("S ", f);
        put_hex(f, ini->sections[i].name, 0);
        fputc('\n', f);
        for (size_t j = 0; j < ini->sections[i].n; j++) {
            fputs("K ", f);
            put_hex(f, ini->sections[i].entries[j].key, 1);
            fputc(' ', f);
            put_hex(f, ini->sections[i].entries[j].value, 0);
            fputc('\n', f);
        }
    }
    fclose(f);
    return text;
}

/* Writes the script into the scratch directory and runs it there. */
static inline char *run_python(const char *script)
{
    need_tool(PYTHON);
    write_file(in_scratch("script.py"), script, strlen(script));
    return run_tool("PYTHONIOENCODING=utf-8 " PYTHON " -I -W ignore script.py");
}

#endif
