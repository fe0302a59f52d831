"""The cache is its owner's alone, or it is not used."""
import stat

from harness import *

(SANDBOX / "hello.wat").write_text(HELLO)
base = SANDBOX / ".cache"
cache = base / "wasmetal"


def hello():
    return wasmetal("run", "hello.wat")


os.umask(0)
expect(hello().stdout, b"hello\n", "first run")
expect(stat.S_IMODE(cache.stat().st_mode), 0o700, "mode of the cache")
[program] = cache.iterdir()
expect(stat.S_IMODE(program.stat().st_mode) & 0o022, 0, "mode of the program")

for mode in (0o720, 0o702, 0o777):
    cache.chmod(mode)
    expect_failure(hello(), 1, "hello.wat: cache folder", "writable by others")
cache.chmod(0o700)

for mode in (0o770, 0o757):
    program.chmod(mode)
    expect_failure(hello(), 1, "writable by others")
program.chmod(0o700)
expect(hello().stdout, b"hello\n", "after mending")

# A link in the program's place is not followed.
elsewhere = SANDBOX / "elsewhere"
program.rename(elsewhere)
program.symlink_to(elsewhere)
expect_failure(hello(), 1, "hello.wat: ")
program.unlink()
expect(hello().stdout, b"hello\n", "compiled again")

# Nor one in the folder's place.
cache.rename(SANDBOX / "moved")
cache.symlink_to(SANDBOX / "moved")
expect_failure(hello(), 1, "cache folder")
cache.unlink()

if os.geteuid() == 0:
    cache.mkdir(mode=0o700)
    os.chown(cache, 12345, 12345)
    expect_failure(hello(), 1, "belongs to user 12345")
    cache.rmdir()

# No folder to be found, and one that cannot be made.
plain = {key: value for key, value in os.environ.items()
         if key not in ("HOME", "XDG_CACHE_HOME")}
expect_failure(wasmetal("run", "hello.wat", env=plain), 1, "set HOME")
(SANDBOX / "file").write_text("")
expect_failure(wasmetal("run", "hello.wat",
                        env={**plain, "XDG_CACHE_HOME": str(SANDBOX / "file")}),
               1, "cache folder")
result = wasmetal("run", "hello.wat", env={**plain, "HOME": str(SANDBOX)})
expect(result.stdout, b"hello\n", "cache below HOME")
