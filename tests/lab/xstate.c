/* Lets User-Mode Linux before 6.13 run where a processor has more extended state than it knows, as with AMX: it hands back only the
   part that it read, and the machine's kernel takes only the whole. tests/lab/uml.sh builds this and preloads it into linux.uml. */
#define _GNU_SOURCE
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* Reads the whole state, lays the given bytes over its beginning and sets it. Fails where the given bytes are all there is. */
static long set_whole_state(pid_t process, void *address, const struct iovec *given)
{
    static char state[64 * 1024];
    struct iovec whole = {state, sizeof state};

    if (syscall(SYS_ptrace, PTRACE_GETREGSET, process, address, &whole) != 0 || whole.iov_len <= given->iov_len)
        return -1;
    memcpy(state, given->iov_base, given->iov_len);
    return syscall(SYS_ptrace, PTRACE_SETREGSET, process, address, &whole);
}

long ptrace(enum __ptrace_request request, ...)
{
    va_list rest;
    va_start(rest, request);
    pid_t process = va_arg(rest, pid_t);
    void *address = va_arg(rest, void *);
    void *data = va_arg(rest, void *);
    va_end(rest);

    if (request == PTRACE_SETREGSET && (long)address == NT_X86_XSTATE && set_whole_state(process, address, data) == 0)
        return 0;
    /* The bare system call stores what it peeks at; the library's function returns it. */
    if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA || request == PTRACE_PEEKUSER) {
        long word;
        long result = syscall(SYS_ptrace, request, process, address, &word);
        return result < 0 ? result : word;
    }
    return syscall(SYS_ptrace, request, process, address, data);
}
