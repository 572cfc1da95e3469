/* Kills the process that it is preloaded into right before a chosen step: a call that changes what
 * the process leaves behind on the disk (below KILL_STATE) or that tells others something (UDP).
 * KILL_CONTROL is a file of 4096 bytes that the test writes and this library maps:
 *   byte 0 '1': steps are written to KILL_CONTROL.log, a line each; from 4: how many matched, an int
 *   from 8: AFTER \0 TIMES \0 BEFORE \0: once TIMES steps matched the pattern AFTER (fnmatch),
 *           the next step that matches BEFORE is not made, and the process gets SIGKILL. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static volatile char *control;
static const char *state;
static int trace = -1;
static char turn;
#define REAL(name) ({ static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name); real; })

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("KILL_CONTROL");
  char name[PATH_MAX];
  state = getenv("KILL_STATE");
  if (!path || !state) return;
  int fd = open(path, O_RDWR | O_CLOEXEC);
  void *map = fd < 0 ? MAP_FAILED : mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  snprintf(name, sizeof name, "%s.log", path);
  trace = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (map == MAP_FAILED || trace < 0) abort();
  control = map;
}

static void line(const char *mark, const char *what, const char *path) {
  char text[PATH_MAX + 64];
  int length = snprintf(text, sizeof text, "%s%s %s\n", mark, what, path);
  if (syscall(SYS_write, trace, text, length) < 0) abort();
}

/* One at a time: whoever is killed has made no later step. */
static void step(const char *what, const char *path) {
  char text[PATH_MAX + 64];
  int before = errno;
  snprintf(text, sizeof text, "%s %s", what, path);
  while (__atomic_test_and_set(&turn, __ATOMIC_ACQUIRE)) usleep(50);
  if (control[0] == '1') {
    const char *after = (const char *)control + 8, *times = after + strlen(after) + 1;
    const char *last = times + strlen(times) + 1;
    int *seen = (int *)(control + 4);
    if (*last && *seen >= atoi(times) && !fnmatch(last, text, 0)) {
      line("KILL ", what, path);
      kill(getpid(), SIGKILL);
      for (;;) pause();
    }
    if (!fnmatch(after, text, 0)) ++*seen;
    line("", what, path);
  }
  __atomic_clear(&turn, __ATOMIC_RELEASE);
  errno = before;
}

static int counts(void) { return control && control[0] == '1'; }

static void on_path(const char *what, const char *path) {
  size_t length = counts() ? strlen(state) : 0;
  if (length && !strncmp(path, state, length) && path[length] == '/') step(what, path + length + 1);
}

static void on_file(const char *what, int fd) {
  char link[64], path[PATH_MAX];
  if (!counts()) return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length > 0) on_path(what, (path[length] = 0, path));
}

static void on_socket(int fd) {
  int type = 0;
  socklen_t length = sizeof type;
  if (counts() && !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) && type == SOCK_DGRAM)
    step("send", "");
}

#define FILE_STEP(type, name, parameters, arguments) \
  type name parameters { on_file(#name, fd); return REAL(name) arguments; }
FILE_STEP(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n))
FILE_STEP(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n))
FILE_STEP(ssize_t, pwrite, (int fd, const void *b, size_t n, off_t at), (fd, b, n, at))
FILE_STEP(ssize_t, pwrite64, (int fd, const void *b, size_t n, off64_t at), (fd, b, n, at))
FILE_STEP(int, fsync, (int fd), (fd))
FILE_STEP(int, fdatasync, (int fd), (fd))
FILE_STEP(int, ftruncate, (int fd, off_t n), (fd, n))
FILE_STEP(int, ftruncate64, (int fd, off64_t n), (fd, n))

int rename(const char *from, const char *to) { on_path("rename", to); return REAL(rename)(from, to); }
int unlink(const char *path) { on_path("unlink", path); return REAL(unlink)(path); }

static int opened(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
  if (flags & O_CREAT && counts() && access(path, F_OK)) on_path("create", path);
  return real(path, flags, mode);
}
#define OPEN_STEP(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    return opened(REAL(name), path, flags, mode); \
  }
OPEN_STEP(open)
OPEN_STEP(open64)

ssize_t sendto(int fd, const void *b, size_t n, int flags, const struct sockaddr *to, socklen_t l) {
  on_socket(fd);
  return REAL(sendto)(fd, b, n, flags, to, l);
}
ssize_t sendmsg(int fd, const struct msghdr *m, int flags) { on_socket(fd); return REAL(sendmsg)(fd, m, flags); }
/* Netty's sendmmsg is a bare system call. */
long syscall(long number, ...) {
  long a[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_sendmmsg) on_socket((int)a[0]);
  return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
