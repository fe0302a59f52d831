"""An installation can be moved, and find_package finds everything in it; so
does one from the archive or the Debian package."""
from harness import *

BUILD = pathlib.Path(WASMETAL).parents[1]

PROJECT = """cmake_minimum_required(VERSION 3.25)
project(outside LANGUAGES C)
find_package(wasmetal 0.1 REQUIRED)
add_executable(host host.c)
wasmetal_add_object(host first.wat)
wasmetal_add_object(host first.wat NAME second MEMORY check OPTIMIZE 1
  IMPORTS table OPTIONS --max-memory 1MiB)
"""

MODULE = """(module
  (import "host" "seven" (func $seven (result i32)))
  (memory 1)
  (func (export "seven") (result i32) (call $seven))
  (func (export "grow") (param i32) (result i32)
    (memory.grow (local.get 0))))"""

HOST = """
#include "first.h"
#include "second.h"
#include <stdio.h>

wm_status first_import_host_seven(wm_instance *instance, int32_t *result) {
  (void)instance;
  *result = 7;
  return WM_OK;
}

static wm_status eight(void *context, wm_instance *instance,
                       const wm_value *params, wm_value *results) {
  (void)context;
  (void)instance;
  (void)params;
  results[0].i32 = 8;
  return WM_OK;
}

int main(void) {
  wm_instance *first, *second;
  wm_import import = {"host", "seven", eight, NULL, {0}};
  wm_options options = {.size = sizeof(options), .imports = &import,
                        .num_imports = 1};
  int32_t a, b, c;
  if (wm_instance_create(&first_module, NULL, &first, NULL) ||
      wm_instance_create(&second_module, &options, &second, NULL) ||
      first_seven(first, &a) || second_seven(second, &b) ||
      second_grow(second, 16, &c))
    return 1;
  printf("%d %d %d\\n", a, b, c);
}
"""


def use(prefix):
    """An outside project builds with what is installed there."""
    project = fresh_folder("outside")
    (project / "CMakeLists.txt").write_text(PROJECT)
    (project / "first.wat").write_text(MODULE)
    (project / "host.c").write_text(HOST)
    (project / "hello.wat").write_text(HELLO)
    must("cmake", "-S", project, "-B", project / "build", "-G", "Ninja",
         f"-DCMAKE_PREFIX_PATH={prefix}")
    must("cmake", "--build", project / "build")
    expect(must(project / "build" / "host"), b"7 8 -1\n", str(prefix))
    # A changed module is compiled again.
    (project / "first.wat").write_text(
        MODULE.replace("(call $seven)",
                       "(i32.add (call $seven) (i32.const 10))"))
    must("cmake", "--build", project / "build")
    expect(must(project / "build" / "host"), b"17 18 -1\n", "a change")
    # The installed command makes executables, too.
    must(prefix / "bin" / "wasmetal", project / "hello.wat", "-o", "hello")
    expect(must("./hello"), b"hello\n", "an executable")


must("cmake", "--install", BUILD, "--prefix", SANDBOX / "installed")
(SANDBOX / "installed").rename(SANDBOX / "moved here")
use(SANDBOX / "moved here")

must("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", SANDBOX / "packs")
archive, = (SANDBOX / "packs").glob("*.tar.gz")
unpacked = fresh_folder("unpacked")
must("tar", "xf", archive, "-C", unpacked)
folder, = unpacked.iterdir()
use(folder)

package, = (SANDBOX / "packs").glob("*.deb")
must("dpkg-deb", "-x", package, SANDBOX / "debian")
use(SANDBOX / "debian" / "usr")
control = must("dpkg-deb", "-f", package, "Depends").decode()
expect_in("libllvm22", control, "what the package depends on")
