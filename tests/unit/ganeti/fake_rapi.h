/* fake_rapi.h - a server that answers as a cluster's remote API does, or does not, and
 * certificates.
 *
 * Everything is in the temporary directory `base` (node_help.h).  What is answered to a request is
 * in the file "answer", or "answer-" and its path with '-' for '/': a first line "STATUS", or
 * "hang", "cut" (the connection ends without an answer), "half" (in the middle of it), and the
 * body.  If there is a file "login" only who has what stands in it ("user:password") is answered.
 * What was asked is in "requests": a line "METHOD PATH USER:PASSWORD TYPE BODY" for each.
 */
#ifndef TESTS_UNIT_FAKE_RAPI_H
#define TESTS_UNIT_FAKE_RAPI_H

#include "export/ganeti/rapi.h"
#include "lock/cleanup.h"
#include "lock/clock.h"
#include "tests/unit/node_help.h"

#include <signal.h>
#include <sys/prctl.h>

static pid_t server = -1;
static unsigned port;

static const char script[] =
    "import base64, http.server, os, ssl, sys, threading, time\n"
    "base, cert = sys.argv[1:]\n"
    "lock = threading.Lock()\n"
    "def text(name):\n"
    "    try:\n"
    "        with open(os.path.join(base, name)) as f: return f.read()\n"
    "    except FileNotFoundError: return None\n"
    "class Handler(http.server.BaseHTTPRequestHandler):\n"
    "    protocol_version = 'HTTP/1.1'\n"
    "    def log_message(self, *args): pass\n"
    "    def do(self):\n"
    "        body = self.rfile.read(int(self.headers.get('Content-Length') or 0)).decode()\n"
    "        who = base64.b64decode((self.headers.get('Authorization') or ' ').split(' "
    "')[1]).decode()\n"
    "        with lock, open(os.path.join(base, 'requests'), 'a') as f:\n"
    "            print(self.command, self.path, who, self.headers.get('Content-Type'), body, "
    "file=f)\n"
    "        while text('hold') is not None: time.sleep(0.02)\n"
    "        login = text('login')\n"
    "        answer = text('answer' + self.path.replace('/', '-')) or text('answer')\n"
    "        if login and login.strip() != who:\n"
    "            answer = '401\\n{\"code\":401,\"message\":\"Unauthorized\",\"explain\":\"No "
    "permission\"}'\n"
    "        status, body = answer.split('\\n', 1)\n"
    "        self.close_connection = True\n"
    "        while status == 'hang' and os.getppid() != 1: time.sleep(0.2)\n"
    "        if status == 'cut': return\n"
    "        body = body.encode()\n"
    "        self.send_response(200 if status == 'half' else int(status))\n"
    "        if status == '302': self.send_header('Location', '/2/elsewhere')\n"
    "        self.send_header('Content-Length', str(len(body) * (2 if status == 'half' else 1)))\n"
    "        self.send_header('Content-Type', 'application/json')\n"
    "        self.end_headers()\n"
    "        self.wfile.write(body)\n"
    "    do_GET = do_PUT = do_POST = do_DELETE = do\n"
    "class Server(http.server.ThreadingHTTPServer):\n"
    "    def handle_error(self, request, address): pass\n"
    "server = Server(('127.0.0.1', 0), Handler)\n"
    "if cert:\n"
    "    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
    "    context.load_cert_chain(cert)\n"
    "    server.socket = context.wrap_socket(server.socket, server_side=True,\n"
    "                                        do_handshake_on_connect=False)\n"
    "print(server.server_port, flush=True)\n"
    "server.serve_forever()\n";

/* Begins to answer; cert: a name below base, key included, or "" for no TLS. */
static inline void server_start(const char *cert)
{
    char all[PATH_MAX], answer[16] = "";
    int out[2];

    snprintf(all, sizeof all, "%s", *cert ? path("%s", cert) : "");
    assert_int_equal(pipe(out), 0);
    server = fork();
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(out[1], 1);
        close(out[0]);
        execlp("python3", "python3", "-c", script, base, all, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    for (size_t n = 0; n + 1 < sizeof answer && !strchr(answer, '\n'); n++)
        assert_int_equal(read(out[0], answer + n, 1), 1);
    close(out[0]);
    port = (unsigned)atoi(answer);
    assert_int_not_equal(port, 0);
}

static inline void server_stop(void)
{
    if (server <= 0)
        return;
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    server = -1;
}

static inline void write_text(const char *name, unsigned mode, const char *text)
{
    CLEANUP_FREE char *to = strdup(path("%s", name)), *tmp = strdup(path("%s.tmp", name));
    FILE *f = fopen(tmp, "w");

    assert_non_null(f);
    assert_int_equal(fchmod(fileno(f), (mode_t)mode), 0);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(rename(tmp, to), 0);
}

static inline void answer(const char *text)
{
    write_text("answer", 0600, text);
}

/* All that was asked; the caller frees. */
static inline char *requests(void)
{
    FILE *f = fopen(path("requests"), "r");
    char *text = NULL;
    size_t len = 0;

    if (f && getdelim(&text, &len, '\0', f) < 0)
        *text = '\0';
    if (f)
        fclose(f);
    return text ? text : strdup("");
}

static inline unsigned count_requests(const char *having)
{
    CLEANUP_FREE char *text = requests();
    unsigned n = 0;

    for (char *p = text; (p = strstr(p, having)); p++)
        n++;
    return n;
}

/* --- certificates, each NAME.pem with its key; CA-cert.pem, NAME-cert.pem without --- */

#define NEW_KEY "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "

static inline void cert_self_signed(const char *name, const char *cn, int days)
{
    assert_true(
        shell("cd %s && " NEW_KEY "-keyout %s.key -out %s.csr -subj /CN=%s 2>log && "
              "openssl x509 -req -days %d -in %s.csr -signkey %s.key -out %s-cert.pem 2>log && "
              "cat %s.key %s-cert.pem >%s.pem",
              base, name, name, cn, days, name, name, name, name, name, name));
}

static inline void cert_authority(const char *name)
{
    assert_true(shell("cd %s && " NEW_KEY "-x509 -days 2 -keyout %s.key -out %s-cert.pem "
                      "-subj /CN=%s 2>log",
                      base, name, name, name));
}

/* san: "IP:127.0.0.1", "DNS:..." */
static inline void cert_signed(const char *name, const char *authority, const char *san, int days)
{
    assert_true(shell("cd %s && " NEW_KEY "-keyout %s.key -out %s.csr -subj /CN=%s 2>log && "
                      "echo subjectAltName=%s >ext && "
                      "openssl x509 -req -days %d -in %s.csr -CA %s-cert.pem -CAkey %s.key "
                      "-extfile ext -CAcreateserial -out %s-cert.pem 2>log && "
                      "cat %s.key %s-cert.pem >%s.pem",
                      base, name, name, name, san, days, name, authority, authority, name, name,
                      name, name));
}

/* --- a client --- */

static struct err err;

static inline struct rapi *client(const char *cafile, bool insecure, bool login)
{
    CLEANUP_FREE char *ca = strdup(path("%s", cafile)), *credentials = strdup(path("credentials"));
    struct rapi_options opt = {.host = "127.0.0.1",
                               .port = port,
                               .cafile = *cafile ? ca : NULL,
                               .insecure = insecure,
                               .timeout_s = 60,
                               .credentials = login ? credentials : NULL};
    struct rapi *r = NULL;

    if (rapi_open(&opt, &r, &err) < 0)
        fail_msg("%s", err.text);
    return r;
}

static inline int ask(struct rapi *r, json_t **ret)
{
    return rapi_request(r, "GET", "/2/info", NULL, ret, &err);
}

static inline void assert_says(const char *word)
{
    if (!strstr(err.text, word))
        fail_msg("'%s' is not in: %s", word, err.text);
}

#endif
