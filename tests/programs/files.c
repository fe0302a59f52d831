// dir: box
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int byName(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path) {
  char *names[16];
  int count = 0;
  DIR *dir = opendir(path);
  for (struct dirent *entry; dir && (entry = readdir(dir));)
    if (entry->d_name[0] != '.')
      names[count++] = strdup(entry->d_name);
  if (dir)
    closedir(dir);
  qsort(names, count, sizeof *names, byName);
  for (int i = 0; i < count; ++i)
    printf("  %s\n", names[i]);
}

int main(void) {
  FILE *file = fopen("box/a.txt", "w");
  if (!file) {
    printf("fopen: %s\n", strerror(errno));
    return 1;
  }
  for (int i = 0; i < 1000; ++i)
    fprintf(file, "line %d\n", i);
  fclose(file);

  file = fopen("box/a.txt", "r+");
  fseek(file, -9, SEEK_END);
  char line[32];
  printf("%s", fgets(line, sizeof line, file));
  printf("at %ld\n", ftell(file));
  rewind(file);
  fputs("LINE", file);
  fclose(file);

  printf("mkdir %d\n", mkdir("box/sub", 0755));
  printf("mkdir again %d\n", mkdir("box/sub", 0755) == -1 && errno == EEXIST);
  printf("rename %d\n", rename("box/a.txt", "box/sub/b.txt"));
  printf("symlink %d\n", symlink("sub/b.txt", "box/link"));
  struct stat state;
  printf("stat %d\n", stat("box/link", &state));
  printf("size %ld, file %d\n", (long)state.st_size, S_ISREG(state.st_mode));
  printf("missing %d\n", open("box/a.txt", O_RDONLY) == -1 && errno == ENOENT);
  list("box");
  list("box/sub");

  int fd = open("box/sub/b.txt", O_RDWR | O_APPEND);
  printf("append %d\n", (int)write(fd, "end\n", 4));
  printf("truncate %d\n", ftruncate(fd, 5));
  printf("read %d\n", (int)pread(fd, line, 32, 0));
  printf("%.4s\n", line);
  close(fd);
  printf("rmdir full %d\n", rmdir("box/sub") == -1);
  printf("unlink %d\n", unlink("box/sub/b.txt"));
  printf("rmdir %d\n", rmdir("box/sub"));
  list("box");
  return 0;
}
