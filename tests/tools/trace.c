/* Loaded into the server by the tests (LD_PRELOAD): writes down, in their order, the changes of
 * the files under one directory and the syncs of them, so that a test can build the directory
 * anew as a power cut would have left it. Also plays a disk that is full or dead.
 *
 * Environment:
 *   TRACE_DIR   the directory, an absolute path without a slash at its end
 *   TRACE_LOG   where the record goes; it is appended to, so that it can span several lives
 *   TRACE_FULL  while this file exists, writes fail with ENOSPC
 *   TRACE_DEAD  from this change or sync on (counted from 1), each one fails with EIO
 *
 * A record: kind u8, length of the path u16, path, a u64, b u64, length of the data u32, data; in
 * the byte order of the machine.
 *   W write: a = offset, data.   T truncate: a = size.   C create: the path is a new empty file.
 *   R rename: data = the new path.   U unlink.   D make a directory.
 *   B sync begun, E sync ended: a = its number, b = 1 where names are synced too (fsync).
 * What changes files is done and noted under one lock; a sync is noted before and after, because
 * it covers what came before it began.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *dir, *full;
static size_t dir_length;
static int log_fd = -1;
static uint64_t syncs;
static long dead, done;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void begin(void)
{
    const char *path = getenv("TRACE_LOG"), *from = getenv("TRACE_DEAD");
    dir = getenv("TRACE_DIR");
    full = getenv("TRACE_FULL");
    dead = from ? atol(from) : 0;
    dir_length = dir ? strlen(dir) : 0;
    if (path)
        log_fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int ours(const char *path)
{
    pthread_once(&once, begin);
    return dir && !strncmp(path, dir, dir_length) && (path[dir_length] == '/' || !path[dir_length]);
}

/* The path of an open file, if it is one of ours. */
static int path_of(int fd, char *path)
{
    char link[64];
    ssize_t length;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, 4095);
    if (length < 0)
        return 0;
    path[length] = 0;
    return ours(path);
}

/* The absolute form of a path that was given to a call. */
static int path_at(int at, const char *name, char *path)
{
    char base[4096];
    if (name[0] == '/')
        snprintf(path, 4096, "%s", name);
    else {
        if (at == AT_FDCWD) {
            if (!getcwd(base, sizeof base))
                return 0;
        } else {
            char link[64];
            ssize_t length;
            snprintf(link, sizeof link, "/proc/self/fd/%d", at);
            length = readlink(link, base, sizeof base - 1);
            if (length < 0)
                return 0;
            base[length] = 0;
        }
        if (strlen(base) + strlen(name) > 4000)
            return 0;
        strcpy(path, base);
        strcat(path, "/");
        strcat(path, name);
    }
    return ours(path);
}

static void note(char kind, const char *path, uint64_t a, uint64_t b, const void *data, uint32_t bytes)
{
    uint16_t length = (uint16_t)strlen(path);
    struct iovec parts[] = {{&kind, 1}, {&length, 2}, {(void *)path, length}, {&a, 8}, {&b, 8}, {&bytes, 4}, {(void *)data, bytes}};
    if (log_fd >= 0)
        syscall(SYS_writev, log_fd, parts, 7);
}

/* Whether this change or sync must fail, because the disk is dead. Under the lock. */
static int fails(void)
{
    done++;
    if (dead && done >= dead) {
        errno = EIO;
        return 1;
    }
    return 0;
}

/* Whether a write must fail, because the disk is full: as on a file system that copies on write,
 * where there is no room for any. */
static int no_room(void)
{
    if (!full || access(full, F_OK))
        return 0;
    errno = ENOSPC;
    return 1;
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t offset)
{
    char path[4096];
    ssize_t written;
    if (!path_of(fd, path))
        return syscall(SYS_pwrite64, fd, data, bytes, offset);
    pthread_mutex_lock(&lock);
    written = fails() || no_room() ? -1 : syscall(SYS_pwrite64, fd, data, bytes, offset);
    if (written > 0)
        note('W', path, (uint64_t)offset, 0, data, (uint32_t)written);
    pthread_mutex_unlock(&lock);
    return written;
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset)
{
    return pwrite64(fd, data, bytes, offset);
}

ssize_t write(int fd, const void *data, size_t bytes)
{
    char path[4096];
    ssize_t written;
    struct stat file;
    off_t offset;
    if (!path_of(fd, path))
        return syscall(SYS_write, fd, data, bytes);
    pthread_mutex_lock(&lock);
    offset = fcntl(fd, F_GETFL) & O_APPEND && !fstat(fd, &file) ? file.st_size : lseek(fd, 0, SEEK_CUR);
    written = fails() || no_room() ? -1 : syscall(SYS_write, fd, data, bytes);
    if (written > 0 && offset >= 0)
        note('W', path, (uint64_t)offset, 0, data, (uint32_t)written);
    pthread_mutex_unlock(&lock);
    return written;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    char path[4096];
    if (!path_of(fd, path))
        return syscall(SYS_writev, fd, parts, count);
    /* One part at a time: a short write is allowed. */
    for (int n = 0; n < count; n++)
        if (parts[n].iov_len)
            return write(fd, parts[n].iov_base, parts[n].iov_len);
    return 0;
}

int ftruncate64(int fd, off64_t size)
{
    char path[4096];
    int result;
    if (!path_of(fd, path))
        return (int)syscall(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&lock);
    result = fails() ? -1 : (int)syscall(SYS_ftruncate, fd, size);
    if (!result)
        note('T', path, (uint64_t)size, 0, "", 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

static int sync_file(int fd, int number, int names)
{
    char path[4096];
    uint64_t turn;
    int result;
    if (!path_of(fd, path))
        return (int)syscall(number, fd);
    pthread_mutex_lock(&lock);
    turn = ++syncs;
    result = fails() ? -1 : 0;
    note('B', path, turn, (uint64_t)names, "", 0);
    pthread_mutex_unlock(&lock);
    if (result || (result = (int)syscall(number, fd)))
        return result;
    pthread_mutex_lock(&lock);
    note('E', path, turn, (uint64_t)names, "", 0);
    pthread_mutex_unlock(&lock);
    return 0;
}

int fsync(int fd)
{
    return sync_file(fd, SYS_fsync, 1);
}

int fdatasync(int fd)
{
    return sync_file(fd, SYS_fdatasync, 0);
}

static int open_file(int at, const char *name, int flags, mode_t mode)
{
    char path[4096];
    struct stat file;
    int fd, fresh;
    if (!(flags & (O_CREAT | O_TRUNC)) || !path_at(at, name, path))
        return (int)syscall(SYS_openat, at, name, flags, mode);
    pthread_mutex_lock(&lock);
    fresh = fstatat(at, name, &file, 0) != 0;
    fd = fresh && fails() ? -1 : (int)syscall(SYS_openat, at, name, flags, mode);
    if (fd >= 0 && fresh)
        note('C', path, 0, 0, "", 0);
    else if (fd >= 0 && flags & O_TRUNC)
        note('T', path, 0, 0, "", 0);
    pthread_mutex_unlock(&lock);
    return fd;
}

#define OPENS(name, parameters, at)                                  \
    int name parameters                                              \
    {                                                                \
        mode_t mode = 0;                                             \
        if (flags & (O_CREAT | O_TMPFILE)) {                         \
            va_list more;                                            \
            va_start(more, flags);                                   \
            mode = va_arg(more, mode_t);                             \
            va_end(more);                                            \
        }                                                            \
        return open_file(at, path, flags, mode);                     \
    }

OPENS(open, (const char *path, int flags, ...), AT_FDCWD)
OPENS(open64, (const char *path, int flags, ...), AT_FDCWD)
OPENS(openat, (int at, const char *path, int flags, ...), at)
OPENS(openat64, (int at, const char *path, int flags, ...), at)

/* Changes of names: done, and noted if they were. */
#define CHANGES(kind, at, name, data, bytes, call)                   \
    char full_path[4096];                                            \
    int result;                                                      \
    if (!path_at(at, name, full_path))                               \
        return (int)(call);                                          \
    pthread_mutex_lock(&lock);                                       \
    result = fails() ? -1 : (int)(call);                             \
    if (!result)                                                     \
        note(kind, full_path, 0, 0, data, (uint32_t)(bytes));        \
    pthread_mutex_unlock(&lock);                                     \
    return result;

int unlink(const char *path)
{
    CHANGES('U', AT_FDCWD, path, "", 0, syscall(SYS_unlinkat, AT_FDCWD, path, 0))
}

int unlinkat(int at, const char *path, int flags)
{
    CHANGES('U', at, path, "", 0, syscall(SYS_unlinkat, at, path, flags))
}

int mkdir(const char *path, mode_t mode)
{
    CHANGES('D', AT_FDCWD, path, "", 0, syscall(SYS_mkdirat, AT_FDCWD, path, mode))
}

int rename(const char *path, const char *to)
{
    char target[4096];
    if (!path_at(AT_FDCWD, to, target))
        target[0] = 0;
    CHANGES('R', AT_FDCWD, path, target, strlen(target), syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, to, 0))
}
