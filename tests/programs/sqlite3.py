"""sqlite3, compiled through WebAssembly, answers as native sqlite3 does and
writes the same database file."""
from harness import *

source = input_file("sqlite3")
(SANDBOX / "driver.c").write_text(r"""
#include "sqlite3.h"
#include <stdio.h>
static int row(void *unused, int count, char **values, char **names) {
  for (int i = 0; i < count; ++i)
    printf("%s%s", i ? "|" : "", values[i] ? values[i] : "NULL");
  putchar('\n');
  return 0;
}
int main(int argc, char **argv) {
  static char sql[1 << 20];
  sqlite3 *db;
  char *error = NULL;
  fread(sql, 1, sizeof sql - 1, stdin);
  if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                      "unix-none"))
    return printf("%s\n", sqlite3_errmsg(db)), 1;
  if (sqlite3_exec(db, sql, row, NULL, &error))
    printf("error: %s\n", error);
  return sqlite3_close(db);
}
""")
SQL = """
PRAGMA journal_mode=delete; PRAGMA page_size=4096;
CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, x REAL, b BLOB);
CREATE INDEX by_name ON t(name);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 20000)
INSERT INTO t SELECT i, printf('name %05d', (i * 7919) % 20011), i / 7.0,
  zeroblob(i % 50) FROM n;
COMMIT;
SELECT count(*), sum(x), max(name), sum(length(b)) FROM t;
SELECT name, x FROM t WHERE name LIKE '%77%' ORDER BY x DESC LIMIT 10;
SELECT id % 10 AS k, avg(x), group_concat(id % 3, '') FROM t WHERE id < 200
  GROUP BY k HAVING k > 3 ORDER BY k;
DELETE FROM t WHERE id % 3 = 0; UPDATE t SET x = -x WHERE id % 2;
SELECT a.id, b.id FROM t a JOIN t b ON a.id = b.id + 1 LIMIT 5;
SELECT round(sum(x), 6), upper('äbc'), 5 / 2, 5 % -3 FROM t;
VACUUM;
PRAGMA integrity_check;
SELECT * FROM missing;
"""
FLAGS = ["-w", "-DSQLITE_THREADSAFE=0", "-DSQLITE_OMIT_LOAD_EXTENSION",
         "-DSQLITE_OMIT_WAL", "-I", source, "-include",
         ROOT / "tests/support/sqlite3_wasi.h"]
must("clang-22", "-O2", "-ffp-contract=off", *FLAGS, "driver.c",
     source / "sqlite3.c", "-o", "native", "-lm")
must(*WASI_C, "-O2", *FLAGS, "driver.c", source / "sqlite3.c", "-o",
     "sqlite3.wasm", *WASI_LIBS)

fresh_folder("native.d")
expected = must("./native", "native.d/db", stdin=SQL)
expect_in(b"no such table: missing", expected, "native output")
for options in ("-O2", "-O1 --memory check", "-O1 --target aarch64-linux"):
    compile_to("sqlite3", "sqlite3.wasm", "--dir", "wasm.d::/db",
               *options.split())
    folder = fresh_folder("wasm.d")
    expect(must("./sqlite3", "/db/db", stdin=SQL), expected, options)
    expect((folder / "db").read_bytes() ==
           (SANDBOX / "native.d" / "db").read_bytes(), True,
           f"{options}: the same database file")
    expect([path.name for path in folder.iterdir()], ["db"], "files left")
