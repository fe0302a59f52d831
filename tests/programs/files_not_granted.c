// exit: 3
// stderr: ^(open /etc/passwd|open \.\./x|creat y): .+\n
// dir: box
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int refused(const char *what, int fd) {
  if (fd >= 0)
    return 0;
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  return 1;
}

int main(void) {
  // Out of the granted folder by every road: absolute, upwards, by a link.
  int count = refused("open /etc/passwd", open("/etc/passwd", O_RDONLY));
  count += refused("open ../x", open("box/../../etc/passwd", O_RDONLY));
  if (symlink("../../../../../../etc/passwd", "box/out") != 0)
    count += 1;
  else
    count += refused("link", open("box/out", O_RDONLY));
  return count;
}
